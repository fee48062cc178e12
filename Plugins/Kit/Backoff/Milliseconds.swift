/// Delays of retry policies are whole milliseconds from 0 to 30 days, the bounds of the plugin interface.
public enum Milliseconds {
    /// 30 days.
    public static let longestDelay: Int64 = 2_592_000_000

    /// Seconds, fractions welcome, as the nearest delay within the bounds; not a number counts as 0.
    public static func delay(seconds: Double) -> Int64 {
        guard seconds > 0 else { return 0 }
        guard seconds < Double(longestDelay) / 1000 else { return longestDelay }
        return Int64((seconds * 1000).rounded())
    }
}
