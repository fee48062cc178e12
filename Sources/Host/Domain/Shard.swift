/// A slice of all destinations that has one owner at a time. A destination never changes its shard, so the
/// count is fixed when the database is created.
package struct Shard: Hashable, Comparable, Sendable {
    package let number: Int16

    package init(_ number: Int16) { self.number = number }

    /// FNV-1a over the id's bytes (RFC 9923): stable across versions and machines, unlike Swift's `Hasher`.
    package init(of destination: DestinationID, count: Int16) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for half in [destination.high, destination.low] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                hash = (hash ^ (half >> shift & 0xFF)) &* 0x100_0000_01b3
            }
        }
        number = Int16(hash % UInt64(count))
    }

    package static func < (one: Self, other: Self) -> Bool { one.number < other.number }
}
