import Domain
import HTTPServer
import JSON
import Ports
import Testing

@testable import ManagementAPI

/// What is said about a body before any handler looks at its fields.
@Suite struct RequestFormTests {
    let harness = Harness()

    private func post(_ body: String?, type: String? = "application/json") -> HTTPResponse {
        let headers = type.map { [(name: "content-type", value: $0)] } ?? [(name: "Content-Type", value: "")]
        return harness.send(
            "POST", "/api/v1/auth/login", raw: body.map { Array($0.utf8) }, headers: headers)
    }

    @Test(arguments: [
        "application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;charset=utf-8",
        "application/vnd.api+json",
    ])
    func `JSON types are read, with parameters or without`(type: String) {
        #expect(post(#"{"email":"a@b","password":"p"}"#, type: type).status == 401)
    }

    @Test(arguments: [
        nil, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "text/json", "json",
        "multipart/form-data; boundary=json",
    ] as [String?])
    func `Another type, or none, with a body is 415`(type: String?) {
        let response = post(#"{"email":"a@b","password":"p"}"#, type: type)
        #expect(response.status == 415)
        #expect(response.body.isEmpty)
    }

    @Test func `Texts of combining marks cost what others cost`() {
        let body = #"{"email":"a@b","password":"p"}"#
        #expect(post(body, type: combiningMarks).status == 415)
        #expect(post(body, type: "application/json;" + combiningMarks).status == 401)
        let token = harness.makeTenant().token
        let path = "/api/v1/events"
        #expect(harness.send("GET", path, headers: [("Authorization", combiningMarks)]).status == 401)
        #expect(harness.send("GET", path, headers: [("Authorization", "Bearer " + combiningMarks)]).status == 401)
        let query = ["n", "Qt", "TpOrd"].map { (name: $0, value: combiningMarks) }
        let reader = RequestReader(
            request: HTTPRequest(method: "GET", path: path, query: query + [(combiningMarks, "")]), limits: .init())
        #expect(throws: Refusal.self) { try Paging(reading: reader) }
        #expect(throws: Refusal.self) { try reader.boolean("n") }
        #expect(throws: Refusal.self) { try reader.time("n") }
        #expect(throws: Refusal.self) { try reader.choice("n", of: DestinationStatus.self) }
        #expect(StreamPosition(combiningMarks) == nil)
        let marks = JSONValue.string(combiningMarks)
        for broken: (name: String, value: JSONValue) in [("authType", marks), ("authenticator", ["plugin": marks])] {
            let destination = JSONValue.object(JSONObject([("url", "https://hooks.example/in"), broken]))
            #expect(harness.send("POST", "/api/v1/destinations", token: token, destination).status == 400)
        }
    }

    @Test(arguments: [
        ("{", "body must be valid JSON: "), (#"{"email":}"#, "body must be valid JSON: "),
        ("{} x", "body must be valid JSON: "), ("\u{FEFF}{}", "body must be valid JSON: "),
        (String(repeating: "[", count: 65) + String(repeating: "]", count: 65), "body must be valid JSON: "),
        ("[]", "body must be a JSON object"), ("7", "body must be a JSON object"),
    ])
    func `A malformed body is 400 and says where`(body: String, start: String) {
        let response = post(body)
        #expect(response.status == 400)
        #expect(response.sentence?.hasPrefix(start) == true, "\(response.text)")
    }

    @Test func `A missing body is 400 where one is required`() {
        #expect(post(nil).status == 400)
        #expect(post("").sentence == "body is required and must be a JSON object")
    }

    @Test func `Names count in any case, unknown ones do not, and the last of two wins`() {
        _ = harness.makeTenant()
        let body = #"{"EMAIL":"x@y","email":"owner@northwind.example","x":{},"Password":"correct horse"}"#
        #expect(post(body).status == 200)
    }

    @Test(arguments: [
        ("7", 7), ("\"7\"", 7), ("null", nil), ("2147483647", 2_147_483_647), ("-1", -1),
        ("7.0", 7), ("1e3", 1000),
    ] as [(String, Int?)])
    func `Numbers may be written as strings`(text: String, expected: Int?) throws {
        let members = try JSONValue(parsing: Array("{\"n\":\(text)}".utf8)).members!
        #expect(try RequestBody(members, prefix: "").integer("N") == expected)
    }

    @Test(arguments: [
        "1.5", "1e-3", "1e40", "\"1.0\"", "\"\"", "\" 7\"", "\"7x\"", "true", "[]", "{}", "2147483648",
        "\"-2147483649\"",
    ])
    func `What is no whole number is refused by name`(text: String) throws {
        let members = try JSONValue(parsing: Array("{\"n\":\(text)}".utf8)).members!
        let refusal = #expect(throws: Refusal.self) { try RequestBody(members, prefix: "outer.").integer("n") }
        #expect(refusal?.sentence == "outer.n must be a 32-bit integer")
    }
}
