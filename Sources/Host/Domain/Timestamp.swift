/// A moment in UTC, in microseconds since 1970-01-01, which is PostgreSQL's resolution.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }
    package init(milliseconds: Int64) { microseconds = milliseconds * 1_000 }
    package init(seconds: Int64) { microseconds = seconds * 1_000_000 }

    /// Later than every moment; the store writes it as PostgreSQL's `infinity`.
    package static let never = Timestamp(microseconds: .max)

    package var milliseconds: Int64 { microseconds >= 0 ? microseconds / 1_000 : (microseconds - 999) / 1_000 }
    package var seconds: Int64 { microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000 }

    package static func < (one: Self, other: Self) -> Bool { one.microseconds < other.microseconds }

    package static func + (moment: Self, span: Duration) -> Self {
        Self(microseconds: moment.microseconds &+ span.inMicroseconds)
    }

    package static func - (moment: Self, span: Duration) -> Self {
        Self(microseconds: moment.microseconds &- span.inMicroseconds)
    }

    /// The time from `earlier` to here; negative if `earlier` is later.
    package static func - (later: Self, earlier: Self) -> Duration {
        .microseconds(later.microseconds &- earlier.microseconds)
    }
}

extension Duration {
    package var inMicroseconds: Int64 {
        components.seconds &* 1_000_000 &+ components.attoseconds / 1_000_000_000_000
    }
    package var inMilliseconds: Int64 { inMicroseconds / 1_000 }
    package var inSeconds: Double { Double(inMicroseconds) / 1_000_000 }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-08-01T09:00:00.000Z`.
    package var description: String {
        let date = civilDate(daysSince1970: floorDivide(milliseconds, 86_400_000))
        let inDay = milliseconds - floorDivide(milliseconds, 86_400_000) * 86_400_000
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T"
            + "\(padded(inDay / 3_600_000, 2)):\(padded(inDay / 60_000 % 60, 2)):\(padded(inDay / 1_000 % 60, 2))"
            + ".\(padded(inDay % 1_000, 3))Z"
    }

    /// Microseconds of the years 0 to 9999.
    private static let writable =
        daysSince1970(year: 0, month: 1, day: 1) * 86_400_000_000
        ..< daysSince1970(year: 10_000, month: 1, day: 1) * 86_400_000_000

    /// Reads what RFC 3339 and ISO 8601 writers send: a date alone (midnight UTC), or a date and a time with
    /// 0 to 9 digits of fraction and `Z`, an offset, or nothing (UTC). Nil for anything else, and for what is
    /// before the year 0 or after 9999 in UTC, which no such text could tell.
    package init?(iso8601 text: some StringProtocol) {
        var reader = DigitReader(Array(text.utf8))
        guard let year = reader.number(4), reader.take("-"), let month = reader.number(2), reader.take("-"),
            let day = reader.number(2), (1...12).contains(month), day >= 1, day <= daysIn(month: month, of: year)
        else { return nil }
        var micros = daysSince1970(year: year, month: month, day: day) * 86_400_000_000
        if reader.atEnd {
            self.init(microseconds: micros)
            return
        }
        guard reader.take("T") || reader.take("t") || reader.take(" "), let hour = reader.number(2), reader.take(":"),
            let minute = reader.number(2), hour < 24, minute < 60
        else { return nil }
        micros += (hour * 3_600 + minute * 60) * 1_000_000
        if reader.take(":") {
            guard let second = reader.number(2), second < 61 else { return nil }
            micros += second * 1_000_000
            if reader.take(".") {
                guard let fraction = reader.fractionInMicroseconds() else { return nil }
                micros += fraction
            }
        }
        if reader.take("Z") || reader.take("z") || reader.atEnd {
            guard reader.atEnd else { return nil }
        } else {
            let sign: Int64
            if reader.take("+") { sign = -1 } else if reader.take("-") { sign = 1 } else { return nil }
            guard let hours = reader.number(2), hours < 24 else { return nil }
            _ = reader.take(":")
            guard let minutes = reader.number(2), minutes < 60, reader.atEnd else { return nil }
            micros += sign * (hours * 3_600 + minutes * 60) * 1_000_000
        }
        guard Self.writable.contains(micros) else { return nil }
        self.init(microseconds: micros)
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar, counted in 400-year eras that begin on 1 March.
package func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = floorDivide(shifted, 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

package func civilDate(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468
    let era = floorDivide(shifted, 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
}

private func daysIn(month: Int64, of year: Int64) -> Int64 {
    let next = month == 12 ? (year + 1, Int64(1)) : (year, month + 1)
    return daysSince1970(year: next.0, month: next.1, day: 1) - daysSince1970(year: year, month: month, day: 1)
}

private func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
    value >= 0 ? value / by : (value - by + 1) / by
}

private struct DigitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var atEnd: Bool { position == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Exactly `digits` decimal digits.
    mutating func number(_ digits: Int) -> Int64? {
        guard position + digits <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[position..<position + digits] {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 48)
        }
        position += digits
        return value
    }

    mutating func fractionInMicroseconds() -> Int64? {
        var value: Int64 = 0
        var digits = 0
        while position < bytes.count, (48...57).contains(bytes[position]) {
            if digits < 6 { value = value * 10 + Int64(bytes[position] - 48) }
            digits += 1
            position += 1
        }
        guard (1...9).contains(digits) else { return nil }
        for _ in min(digits, 6)..<6 { value *= 10 }
        return value
    }
}
