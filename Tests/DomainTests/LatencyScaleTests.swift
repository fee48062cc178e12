import Domain
import Testing

@Suite("The scale of latencies")
struct LatencyScaleTests {
    @Test("The middle of a step is at most 10 % from everything in it", arguments: 1...LatencyScale.stepMax)
    func stepsAreNarrow(step: Int) {
        let middle = LatencyScale.milliseconds(ofStep: step)
        let ratio = middle / LatencyScale.milliseconds(ofStep: step - 1)
        #expect(step == 1 || abs(ratio - 1.189207115) < 0.000001)
        // A step reaches from its middle by half a step to either side.
        #expect(1.189207115.squareRoot() - 1 < 0.1)
        #expect(middle > 1)
    }

    @Test("Known steps")
    func knownSteps() {
        #expect(LatencyScale.milliseconds(ofStep: 0) == 1)
        // Step 40 begins at 2¹⁰ ms.
        #expect(abs(LatencyScale.milliseconds(ofStep: 40) - 1_024 * 1.0905077) < 0.01)
    }

    @Test("Percentiles go by nearest rank")
    func percentiles() {
        let steps = [0: 90, 8: 9, 40: 1]
        #expect(LatencyScale.percentile(0.5, of: steps) == LatencyScale.milliseconds(ofStep: 0))
        #expect(LatencyScale.percentile(0.9, of: steps) == LatencyScale.milliseconds(ofStep: 0))
        #expect(LatencyScale.percentile(0.95, of: steps) == LatencyScale.milliseconds(ofStep: 8))
        #expect(LatencyScale.percentile(0.99, of: steps) == LatencyScale.milliseconds(ofStep: 8))
        #expect(LatencyScale.percentile(1, of: steps) == LatencyScale.milliseconds(ofStep: 40))
        #expect(LatencyScale.percentile(0.5, of: [:]) == nil)
    }
}
