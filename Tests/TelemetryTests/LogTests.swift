import Foundation
import Testing

@testable import Telemetry

@Suite struct LogTests {
    private let log = Log("store")

    @Test func `a JSON line can be read by anyone, whatever is in it`() throws {
        let nasty = "a\"b\\c\nd\re\tf\u{0}g\u{1F}h\u{7F}é😀\u{2028}"
        let line = log.line(.warning, .json, nasty, ["tenant": nasty, "event \"x\"": "1"])
        #expect(line.hasSuffix("}\n"))
        #expect(line.utf8.count { $0 < 32 } == 1)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        #expect(object["level"] == "warning")
        #expect(object["component"] == "store")
        #expect(object["message"] == nasty)
        #expect(object["tenant"] == nasty)
        #expect(object["event \"x\""] == "1")
        #expect(object["time"]?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }

    @Test func `a line tells which process of several speaks, if it has a name`() throws {
        func object(_ instance: String) throws -> [String: String]? {
            let line = log.line(.info, .json, "x", [:], instance: instance)
            return try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]
        }
        #expect(try object("node-7")?["instance"] == "node-7")
        #expect(try #require(try object("")).keys.contains("instance") == false)
    }

    @Test func `the time is now, in UTC`() throws {
        let before = Date().timeIntervalSince1970
        let line = log.line(.info, .json, "x", [:])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let time = try #require(formatter.date(from: object["time"] ?? ""))
        #expect((before - 0.002...Date().timeIntervalSince1970 + 0.002).contains(time.timeIntervalSince1970))
    }

    @Test func `a text line is one line and cannot steer a terminal`() {
        let line = log.line(
            .error, .text, "lost\n2026 fake line\u{1B}[31m\u{9B}2J", ["shard": "7", "reason": "no route"])
        #expect(line.hasSuffix(" error store: lost 2026 fake line [31m 2J shard=7 reason=\"no route\"\n"))
        #expect(line.unicodeScalars.count { $0.value < 32 } == 1)
    }

    @Test func `levels have an order and names`() {
        #expect(Log.Level.debug < .info && Log.Level.info < .warning && Log.Level.warning < .error)
        #expect(Log.Level(name: "WARNING") == .warning)
        #expect(Log.Level(name: "loud") == nil)
    }
}
