import Domain
import Testing

@testable import Delivery

@Suite struct TransformedBytesTests {
    private let one = TenantID(high: 7, low: 1)
    private let other = TenantID(high: 7, low: 2)

    @Test func `a tenant takes no more than is left for the others`() {
        let bytes = TransformedBytes(limit: 100)
        #expect(bytes.take(40, for: one))
        #expect(bytes.take(20, for: one), "it has less than is left")
        #expect(!bytes.take(1, for: one))
        #expect(bytes.take(30, for: other))
        #expect(!bytes.take(1, for: other))
        bytes.giveBack(60, for: one)
        #expect(bytes.take(1, for: other))
        #expect(bytes.take(1_000, for: one), "the last one may go beyond")
        #expect(!bytes.take(1, for: TenantID(high: 7, low: 3)))
    }
}
