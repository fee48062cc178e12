import Domain

/// Reads `Retry-After` (RFC 9110, section 10.2.3): whole seconds, or an HTTP date in the preferred form
/// (section 5.6.7). Nil for anything else; zero for a date in the past.
func retryAfterDelay(_ text: String, now: Timestamp) -> Duration? {
    let trimmed = text.withoutSpacesAround()
    if !trimmed.isEmpty, trimmed.utf8.allSatisfy({ (48...57).contains($0) }) {
        // An absurdly large number is still a wish to wait long; policies cap it.
        return .seconds(min(Int64(trimmed) ?? Int64.max, 366 * 86_400))
    }
    guard let date = httpDate(trimmed) else { return nil }
    return max(.zero, date - now)
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`. The two obsolete forms are not read: no server of this century sends them.
private func httpDate(_ text: Substring) -> Timestamp? {
    let parts = text.pieces(at: " ").filter { !$0.isEmpty }
    guard parts.count == 6, parts[0].endsExactly(with: ","), parts[5].isExactly("GMT"), let day = Int64(parts[1]),
        let month = months.firstIndex(where: { $0.isExactly(parts[2]) }), let year = Int64(parts[3]),
        (1970...9999).contains(year), (1...31).contains(day)
    else { return nil }
    let clock = parts[4].pieces(at: ":").map { Int64($0) }
    guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2], (0...23).contains(hour),
        (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    let days = daysSince1970(year: year, month: Int64(month + 1), day: day)
    return Timestamp(seconds: days * 86_400 + hour * 3_600 + minute * 60 + second)
}

private let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
