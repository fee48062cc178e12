import Foundation
import JSON
import PluginAPI
import Testing

@Suite("AwsSigV4")
struct AwsSigV4PluginTests {
    /// 2015-08-30T12:36:00Z.
    private static let suiteTime: Int64 = 1_440_938_160_000

    private func authenticate(
        _ request: TestRequest, more: String = "", service: String = "service", at time: Int64 = suiteTime
    ) throws -> [String] {
        let host = TestHost()
        host.wallMilliseconds = time
        let settings = #"""
            {"accessKeyId":"AKIDEXAMPLE","secretAccessKey":"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
             "region":"us-east-1","service":"\#(service)"\#(more)}
            """#
        return try TestPlugin("AwsSigV4", kind: HKS_KIND_AUTHENTICATOR).makeInstance(settings, host: host)
            .authenticate(request).headers
    }

    struct Case: CustomTestStringConvertible {
        var members: JSONObject
        var testDescription: String { members["name"]?.text ?? "?" }

        static let all = Vectors.list("aws-sigv4").compactMap(\.members).map(Case.init)
    }

    @Test("AWS's published test suite", arguments: Case.all)
    func matchesSuite(vector: Case) throws {
        let members = vector.members
        let request = TestRequest(
            method: try #require(members["method"]?.text),
            url: "https://example.amazonaws.com" + (try #require(members["target"]?.text)),
            headers: (members["headers"]?.elements ?? []).compactMap(\.elements).map { ($0[0].text!, $0[1].text!) },
            body: members["body"]?.text ?? "")
        var more = #","signedHeaders":["Content-Type","my-header1","my-header2"]"#
        if let token = members["sessionToken"]?.text { more += #","sessionToken":"\#(token)""# }
        let headers = try authenticate(request, more: more)
        #expect(headers.first == "X-Amz-Date: 20150830T123600Z")
        #expect(headers.last == "Authorization: " + (try #require(members["authorization"]?.text)))
    }

    @Test("The suite is complete")
    func suiteIsComplete() { #expect(Case.all.count == 34) }

    @Test("A path that has escapes is encoded once more, but not for S3")
    func encodesTwice() throws {
        func authorization(_ url: String, _ service: String, _ more: String = "") throws -> String {
            try #require(try authenticate(TestRequest(url: url), more: more, service: service).last)
        }
        let escaped = "https://example.amazonaws.com/a%20b/../c"
        #expect(
            try authorization(escaped, "service")
                == authorization("https://example.amazonaws.com/c", "service"))
        #expect(
            try authorization(escaped, "service", #","normalizePath":false"#)
                != authorization(escaped, "service", #","normalizePath":false,"doubleEncode":false"#))
        #expect(
            try authorization(escaped, "s3")
                == authorization("https://example.amazonaws.com/a b/../c", "s3"))
    }

    @Test("S3 gets the body's hash in a header")
    func sendsContentHash() throws {
        let headers = try authenticate(TestRequest(body: ""), service: "s3")
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        #expect(headers[1] == "X-Amz-Content-Sha256: \(hash)")
        #expect(headers[2].contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date,"))
    }

    @Test("The key changes with the day, and with it the scope", arguments: [
        (951_782_399_000, "20000228T235959Z"), (951_782_400_000, "20000229T000000Z"), (0, "19700101T000000Z"),
        (1_709_251_199_000, "20240229T235959Z"), (4_107_542_400_000, "21000301T000000Z"),
        (1_735_689_599_999, "20241231T235959Z"),
    ] as [(Int64, String)])
    func followsTheDay(time: Int64, text: String) throws {
        let headers = try authenticate(TestRequest(), at: time)
        #expect(headers[0] == "X-Amz-Date: \(text)")
        #expect(headers[1].contains("Credential=AKIDEXAMPLE/\(text.prefix(8))/us-east-1/service/aws4_request"))
    }

    @Test("One instance signs on both sides of midnight")
    func changesKeyAtMidnight() throws {
        let host = TestHost()
        let settings = #"{"accessKeyId":"A","secretAccessKey":"s","region":"r","service":"x"}"#
        let plugin = try TestPlugin("AwsSigV4", kind: HKS_KIND_AUTHENTICATOR)
        let old = try plugin.makeInstance(settings, host: host)
        host.wallMilliseconds = 1_440_979_199_000
        _ = try old.authenticate()
        host.wallMilliseconds += 1_000
        #expect(try old.authenticate() == plugin.makeInstance(settings, host: host).authenticate())
    }

    @Test("A default port and user data are no part of the host", arguments: [
        "https://example.amazonaws.com:443/hook", "https://u:p@example.amazonaws.com/hook",
        "https://example.amazonaws.com/hook#part",
    ])
    func signsTheHost(url: String) throws {
        let plain = TestRequest(url: "https://example.amazonaws.com/hook")
        #expect(try authenticate(TestRequest(url: url)) == authenticate(plain))
    }

    @Test("Settings that cannot stand in a header are refused without the secret", arguments: [
        (#"{"accessKeyId":"A","secretAccessKey":"s3cr3t\n","region":"r","service":"x"}"#, "secretAccessKey"),
        (#"{"accessKeyId":"A","secretAccessKey":"s3cr3t","region":" ","service":"x"}"#, "region"),
        (#"{"accessKeyId":"A","secretAccessKey":"s3cr3t","region":"r","service":"x","signedHeaders":[1]}"#, "signed"),
        (#"{"accessKeyId":"A","secretAccessKey":"s3cr3t","region":"r"}"#, "service"),
    ])
    func refuses(settings: String, member: String) throws {
        let failure = try #require(throws: CallFailure.self) {
            try TestPlugin("AwsSigV4", kind: HKS_KIND_AUTHENTICATOR).makeInstance(settings)
        }
        #expect(failure.status == HKS_INVALID_SETTINGS)
        #expect(failure.sentence.hasPrefix(member))
        #expect(!failure.sentence.contains("s3cr3t"))
    }
}
