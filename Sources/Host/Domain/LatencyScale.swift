/// A logarithmic scale of milliseconds with four steps to a doubling: what is read from it is at most 10 % off.
package enum LatencyScale {
    /// Step 0 begins at one millisecond and holds everything shorter.
    /// 4 / ln 2.
    package static let stepsPerE = 5.7707801635558535
    /// 2³¹ ms, which is 24 days.
    package static let stepMax = 124

    /// The middle of a step, in milliseconds.
    package static func milliseconds(ofStep step: Int) -> Double {
        step <= 0 ? 1 : exponential((Double(step) + 0.5) / stepsPerE)
    }

    /// The value below which this share of all lies, by nearest rank; nil if there is none. steps: counts by step.
    package static func percentile(_ share: Double, of steps: [Int: Int]) -> Double? {
        let total = steps.values.reduce(0, +)
        guard total > 0 else { return nil }
        let rank = max(1, Int((share * Double(total)).rounded(.up)))
        var seen = 0
        for (step, count) in steps.sorted(by: { $0.key < $1.key }) {
            seen += count
            if seen >= rank { return milliseconds(ofStep: step) }
        }
        return nil
    }

    /// eˣ. Domain imports nothing, and a table of doublings is exact enough.
    private static func exponential(_ x: Double) -> Double {
        let doublings = x / 0.6931471805599453
        let whole = doublings.rounded(.down)
        var result = 1.0
        for _ in 0..<Int(whole) { result *= 2 }
        // 2^f for 0 ≤ f < 1, by its series.
        let y = (doublings - whole) * 0.6931471805599453
        var term = 1.0
        var sum = 1.0
        for n in 1...16 {
            term *= y / Double(n)
            sum += term
        }
        return result * sum
    }
}
