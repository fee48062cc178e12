import Encoding
import Testing

@Suite struct PercentEncodingTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// RFC 3986, section 2.3, and the rules for forms of RFC 6749, appendix B.
    @Test(arguments: [
        ("AZaz09-._~", "AZaz09-._~", "AZaz09-._%7E"),
        (" +&%£€", "%20%2B%26%25%C2%A3%E2%82%AC", "+%2B%26%25%C2%A3%E2%82%AC"),
        ("*/?", "%2A%2F%3F", "*%2F%3F"), ("", "", ""),
    ])
    func `bytes that mean something are escaped`(plain: String, component: String, form: String) {
        #expect(text(PercentEncoding.component.encode(plain.utf8)) == component)
        #expect(text(PercentEncoding.form.encode(plain.utf8)) == form)
        #expect(text(PercentEncoding.decode(component.utf8)) == plain)
    }

    @Test(arguments: [("%41%6a%4A", "AjJ"), ("%4", "%4"), ("%", "%"), ("%zz%41", "%zzA"), ("a+b", "a+b")])
    func `what is no escape stays as it is`(escaped: String, plain: String) {
        #expect(text(PercentEncoding.decode(escaped.utf8)) == plain)
    }
}
