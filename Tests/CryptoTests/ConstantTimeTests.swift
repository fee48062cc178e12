import Testing

@testable import Crypto

@Suite struct ConstantTimeTests {
    private static let digest = [UInt8](0..<32)

    private static func changed(at index: Int) -> [UInt8] {
        var other = digest
        other[index] ^= 1
        return other
    }

    @Test func `only the same bytes are equal`() {
        #expect(constantTimeEqual(Self.digest, Self.digest))
        #expect(constantTimeEqual([], []))
        for index in Self.digest.indices { #expect(!constantTimeEqual(Self.digest, Self.changed(at: index))) }
        #expect(!constantTimeEqual(Self.digest, Array(Self.digest.dropLast())))
        #expect(!constantTimeEqual(Self.digest, Self.digest + [0]))
    }

    /// For whoever reads the log: a clock of a machine with other work proves nothing, so nothing is asked of it.
    /// Swift's own comparison stands beside it, to show what a difference would look like.
    @Test func `how long a comparison takes is printed`() {
        let others = [("at the first byte", Self.changed(at: 0)), ("at the last", Self.changed(at: 31))]
        func medians(_ compare: ([UInt8], [UInt8]) -> Bool) -> String {
            var samples = others.map { _ in [Duration]() }
            // In turns, so that whatever else the machine does falls on both alike.
            for _ in 0..<500 {
                for (index, other) in others.enumerated() {
                    var equal = 0
                    let time = ContinuousClock().measure {
                        for _ in 0..<100 where compare(Self.digest, other.1) { equal += 1 }
                    }
                    #expect(equal == 0)
                    samples[index].append(time / 100)
                }
            }
            return zip(others, samples).map { other, sample in
                "\(sample.sorted()[sample.count / 2].components.attoseconds / 1_000_000_000) ns \(other.0)"
            }.joined(separator: ", ")
        }
        print("comparisons that fail: constantTimeEqual \(medians(constantTimeEqual)); == \(medians(==))")
    }
}
