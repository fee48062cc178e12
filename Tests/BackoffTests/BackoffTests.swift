import Backoff
import Domain
import Testing

@Suite("Delays")
struct DelayTests {
    @Test(
        "Seconds become whole milliseconds within the bounds",
        arguments: [
            (0, 0), (-1, 0), (.nan, 0), (0.0004, 0), (0.0005, 1), (0.25, 250), (1.5, 1_500), (86_400, 86_400_000),
            (2_592_000, 2_592_000_000), (2_592_000.001, 2_592_000_000), (1e300, 2_592_000_000),
            (.infinity, 2_592_000_000), (-.infinity, 0),
        ] as [(Double, Int64)])
    func convertsSeconds(seconds: Double, milliseconds: Int64) {
        #expect(Milliseconds.delay(seconds: seconds) == milliseconds)
    }

    @Test("A schedule repeats its last delay and takes no attempt before the first")
    func followsSchedule() throws {
        let schedule = try #require(DelaySchedule(seconds: [1, 2.5, 1e9]))
        #expect(
            [Int.min, 0, 1, 2, 3, 4, .max].map { schedule.delay(afterAttempt: $0) } == [
                1_000, 1_000, 1_000, 2_500, Milliseconds.longestDelay, Milliseconds.longestDelay,
                Milliseconds.longestDelay,
            ])
        #expect(DelaySchedule(seconds: []) == nil)
    }

    @Test(
        "Exponential delays grow by the factor and stop at the cap",
        arguments: [
            (1, 2, 100, 1, 1_000), (1, 2, 100, 2, 2_000), (1, 2, 100, 7, 64_000), (1, 2, 100, 8, 100_000),
            (1, 2, 100, .max, 100_000), (0, 2, 100, .max, 0), (5, 1, 100, .max, 5_000), (5, 0.1, 100, 3, 5_000),
            (0.001, 10, 1e12, 4, 1_000), (1, 2, 1e12, 10_000, 2_592_000_000), (50, 2, 10, 1, 10_000), (1, 2, 0, 5, 0),
            (1, 2, 100, 0, 1_000), (1, 2, 100, .min, 1_000),
        ] as [(Double, Double, Double, Int, Int64)])
    func grows(base: Double, factor: Double, cap: Double, attempt: Int, milliseconds: Int64) {
        let delay = ExponentialDelay(baseSeconds: base, factor: factor, capSeconds: cap)
        #expect(delay.delay(afterAttempt: attempt) == milliseconds)
    }

    @Test("Exponential delays never fall from one attempt to the next and stay within the bounds")
    func isMonotonic() {
        for base in [0, 0.001, 1, 86_400, 1e9] {
            for factor in [1, 1.1, 2, 1_000] {
                let delay = ExponentialDelay(baseSeconds: base, factor: factor, capSeconds: 1e9)
                let delays = (1...2_000).map { delay.delay(afterAttempt: $0) }
                #expect(zip(delays, delays.dropFirst()).allSatisfy(<=))
                #expect(delays.allSatisfy((0...Milliseconds.longestDelay).contains))
            }
        }
    }

    @Test(
        "Retry-After lengthens up to its cap and never shortens",
        arguments: [
            (5_000, nil, 5_000), (5_000, 0, 5_000), (5_000, 4_999, 5_000), (5_000, 7_000, 7_000),
            (5_000, 60_001, 60_000), (90_000, 70_000, 90_000), (5_000, .max, 60_000),
        ] as [(Int64, Int64?, Int64)])
    func honoursRetryAfter(delay: Int64, asked: Int64?, result: Int64) {
        #expect(RetryAfter(capSeconds: 60).apply(to: delay, asked: asked) == result)
    }
}

@Suite("Jitter")
struct JitterTests {
    @Test(
        "The ends of the random number are the ends of the range",
        arguments: [
            (0, 1_000, 1_000), (0.25, 750, 1_000), (0.5, 500, 1_000), (1, 0, 1_000), (-3, 1_000, 1_000), (7, 0, 1_000),
            (.nan, 1_000, 1_000),
        ] as [(Double, Int64, Int64)])
    func spansItsShare(share: Double, least: Int64, most: Int64) {
        let jitter = Jitter(share: share)
        #expect(jitter.apply(to: 1_000, random: 0) == most)
        #expect(jitter.apply(to: 1_000, random: .max) == least)
    }

    @Test("Every result lies in the range, for all shares, delays and random numbers tried")
    func staysInRange() {
        var generator = RepeatableNumbers(seed: 1)
        for share in [0, 0.001, 0.1, 0.5, 0.999, 1] {
            for delay in [0, 1, 2, 999, 120_000, Milliseconds.longestDelay] as [Int64] {
                for random in [0, 1, 1 << 63, .max - 1, .max, generator.next(), generator.next()] as [UInt64] {
                    let result = Jitter(share: share).apply(to: delay, random: random)
                    #expect((0...delay).contains(result))
                    #expect(Double(result) >= Double(delay) * (1 - share) - 1, "\(share) of \(delay) by \(random)")
                }
            }
        }
    }

    @Test("Delays outside of the bounds count as the nearer bound")
    func clampsDelays() {
        #expect(Jitter(share: 0.5).apply(to: .max, random: 0) == Milliseconds.longestDelay)
        #expect(Jitter(share: 0.5).apply(to: .min, random: .max) == 0)
    }

    @Test("Results are spread evenly")
    func isUniform() {
        var counts = [Int](repeating: 0, count: 10)
        for step in 0..<10_000 as Range<UInt64> {
            let result = Jitter(share: 1).apply(to: 9, random: step * (UInt64.max / 10_000))
            counts[Int(result)] += 1
        }
        #expect(counts.allSatisfy { (990...1_010).contains($0) })
    }

    @Test("The same random number gives the same delay")
    func isPure() {
        let jitter = Jitter(share: 0.3)
        #expect(
            jitter.apply(to: 60_000, random: 0x9E37_79B9_7F4A_7C15)
                == jitter.apply(to: 60_000, random: 0x9E37_79B9_7F4A_7C15))
    }
}
