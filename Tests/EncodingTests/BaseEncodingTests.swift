import Testing

@testable import Encoding

@Suite struct BaseEncodingTests {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `Base64 matches RFC 4648`(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
        let unpadded = encoded.replacing("=", with: "")
        #expect(Base64.urlEncode(Array(plain.utf8)) == unpadded)
        #expect(Base64.urlDecode(unpadded) == Array(plain.utf8))
    }

    @Test func `the two alphabets differ in their last two digits`() {
        let bytes: [UInt8] = [0xfb, 0xff, 0xbf]
        #expect(Base64.encode(bytes) == "+/+/")
        #expect(Base64.urlEncode(bytes) == "-_-_")
        #expect(Base64.decode("-_-_") == nil)
        #expect(Base64.urlDecode("+/+/") == nil)
    }

    @Test(arguments: ["Zg", "Zg=", "Z===", "====", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "Zm9v====", "=Zm9", "Zö==", "Z"])
    func `Base64 refuses what it would not write`(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test(arguments: ["Zg==", "Z", "Zh", "Zm9", "a b", "Zm9v\n"])
    func `Base64url refuses padding, stray bits and white space`(text: String) {
        #expect(Base64.urlDecode(text) == nil)
    }

    @Test(arguments: 0...70)
    func `every length makes the round trip`(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        #expect(Base64.urlDecode(Base64.urlEncode(bytes)) == bytes)
        #expect(Hex.decode(Hex.encode(bytes)) == bytes)
    }

    @Test func `hexadecimal is written in lower case and read in both`() {
        #expect(Hex.encode([0x00, 0x9a, 0xff]) == "009aff")
        #expect(Hex.decode("009AfF") == [0x00, 0x9a, 0xff])
        #expect(Hex.decode("") == [])
        for wrong in ["0", "0g", "0x", "+1", " 1", "é"] { #expect(Hex.decode(wrong) == nil) }
    }
}
