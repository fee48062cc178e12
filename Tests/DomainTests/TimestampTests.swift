import Foundation
import Testing

@testable import Domain

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.000001Z", 1), ("1969-12-31T23:59:59.999999Z", -1),
        ("2026-08-01T09:00:00.000Z", 1_785_574_800_000_000), ("2026-08-01", 1_785_542_400_000_000),
        ("2026-08-01T09:00Z", 1_785_574_800_000_000), ("2026-08-01 09:00:00", 1_785_574_800_000_000),
        ("2026-08-01t09:00:00z", 1_785_574_800_000_000), ("2026-08-01T11:00:00+02:00", 1_785_574_800_000_000),
        ("2026-08-01T03:30:00-0530", 1_785_574_800_000_000),
        ("2026-08-01T09:00:00.1234567Z", 1_785_574_800_123_456), ("2024-02-29T00:00:00Z", 1_709_164_800_000_000),
        ("2000-02-29", 951_782_400_000_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999_000),
        ("0001-01-01T00:00:00+00:00", -62_135_596_800_000_000),
    ])
    func `what writers of RFC 3339 and ISO 8601 send is read`(text: String, microseconds: Int) {
        #expect(Timestamp(iso8601: text)?.microseconds == Int64(microseconds))
    }

    @Test(arguments: [
        "", "2026", "2026-8-1", "2026-13-01", "2026-00-01", "2026-01-00", "2026-02-29", "1900-02-29", "2026-04-31",
        "2026-08-01T", "2026-08-01T24:00:00Z", "2026-08-01T09:60Z", "2026-08-01T09:00:61Z", "2026-08-01T09:00:00.Z",
        "2026-08-01T09:00:00.1234567890Z", "2026-08-01T09:00:00+2", "2026-08-01T09:00:00+24:00",
        "2026-08-01T09:00:00ZZ",
        "2026-08-01X09:00:00Z", "2026-08-01T09:00:00Z ", "+026-08-01", "2026-08-01T9:00:00Z",
        "2026-08-01T09:00:00+02:60", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    ])
    func `anything else is refused`(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (1_785_574_800_123_456, "2026-08-01T09:00:00.123Z"),
        (-1, "1969-12-31T23:59:59.999Z"), (951_868_799_999_999, "2000-02-29T23:59:59.999Z"),
        (-62_135_596_800_000_000, "0001-01-01T00:00:00.000Z"),
    ])
    func `times are written with milliseconds in UTC`(microseconds: Int, text: String) {
        #expect(Timestamp(microseconds: Int64(microseconds)).description == text)
    }

    @Test func `days agree with Foundation's calendar over six hundred years`() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for days in stride(from: Int64(-100_000), through: 120_000, by: 97) {
            let date = Date(timeIntervalSince1970: Double(days) * 86_400)
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            let civil = civilDate(daysSince1970: days)
            #expect(
                [Int64](arrayLiteral: civil.year, civil.month, civil.day)
                    == [parts.year, parts.month, parts.day].map { Int64($0 ?? 0) })
            #expect(daysSince1970(year: civil.year, month: civil.month, day: civil.day) == days)
        }
    }

    @Test func `arithmetic keeps microseconds`() {
        let moment = Timestamp(seconds: 10)
        #expect((moment + .milliseconds(1_500)).microseconds == 11_500_000)
        #expect((moment - .seconds(20)).microseconds == -10_000_000)
        #expect(moment - Timestamp(seconds: 25) == .seconds(-15))
        #expect(moment < moment + .microseconds(1))
        #expect(moment + .nanoseconds(999) == moment)
    }

    @Test func `whole units round down, before 1970 as well`() {
        #expect(Timestamp(microseconds: 1_999_999).seconds == 1)
        #expect(Timestamp(microseconds: -1).seconds == -1)
        #expect(Timestamp(microseconds: -1).milliseconds == -1)
        #expect(Timestamp(microseconds: -1_000_000).seconds == -1)
        #expect(Timestamp(microseconds: -1_000).milliseconds == -1)
        #expect(Duration.milliseconds(1_500).inMilliseconds == 1_500)
        #expect(Duration.milliseconds(1_500).inSeconds == 1.5)
    }
}
