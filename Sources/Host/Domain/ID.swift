/// A 128-bit identifier of one kind of thing: an `ID<Event>` cannot be passed where an `ID<Tenant>` is meant.
///
/// New ones are UUID version 7 (RFC 9562, section 5.7): 48 bits of milliseconds first, so they sort by
/// creation time, which is what the time-partitioned tables rely on.
package struct ID<Of>: Hashable, Comparable, Sendable {
    /// The first eight bytes, big-endian.
    package let high: UInt64
    /// The last eight bytes, big-endian.
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Version 7 from a time and 74 bits of chance (the rest of the 128 given is ignored).
    package init(at time: Timestamp, random: (UInt64, UInt64)) {
        let milliseconds = UInt64(bitPattern: time.milliseconds) & 0xFFFF_FFFF_FFFF
        high = milliseconds << 16 | 0x7000 | random.0 & 0x0FFF
        low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
    }

    /// From 16 bytes as PostgreSQL sends them.
    package init(bytes: some Sequence<UInt8>) {
        var halves: (UInt64, UInt64) = (0, 0)
        var index = 0
        for byte in bytes.prefix(16) {
            if index < 8 { halves.0 = halves.0 << 8 | UInt64(byte) } else { halves.1 = halves.1 << 8 | UInt64(byte) }
            index += 1
        }
        (high, low) = halves
    }

    /// From the canonical text form, in either case. Nil for anything else.
    package init?(_ text: some StringProtocol) {
        // Nearly always in one piece, which is read without a call for each byte.
        let read =
            text.utf8.withContiguousStorageIfAvailable { Self(utf8: $0) }
            ?? Array(text.utf8).withUnsafeBufferPointer { Self(utf8: $0) }
        guard let read else { return nil }
        self = read
    }

    private init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        guard text.count == 36 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (position, byte) in text.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = hexValue(byte) else { return nil }
                if digits < 16 { halves.0 = halves.0 << 4 | digit } else { halves.1 = halves.1 << 4 | digit }
                digits += 1
            }
        }
        (high, low) = halves
    }

    /// The half that is chance is as good as the whole for a table.
    package func hash(into hasher: inout Hasher) { hasher.combine(low) }

    /// The creation time that version 7 carries, to the millisecond.
    package var createdAt: Timestamp { Timestamp(milliseconds: Int64(high >> 16)) }

    package static func < (one: Self, other: Self) -> Bool {
        one.high != other.high ? one.high < other.high : one.low < other.low
    }

    /// The smallest version 7 id of a moment: the bound of a partition or of a range query. Ids carry the moments from
    /// 1970 to 10889; for one before or after, the bound of the nearest.
    package static func lowerBound(at time: Timestamp) -> Self {
        Self(high: UInt64(min(max(time.milliseconds, 0), 0xFFFF_FFFF_FFFF)) << 16, low: 0)
    }

    /// Another view of the same identifier; for tables that hold ids of several kinds.
    package func cast<Other>(to: Other.Type = Other.self) -> ID<Other> { ID<Other>(high: high, low: low) }

    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            for index in 0..<8 {
                buffer[index] = UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * index))
                buffer[index + 8] = UInt8(truncatingIfNeeded: low >> UInt64(56 - 8 * index))
            }
            count = 16
        }
    }
}

extension ID: CustomStringConvertible {
    /// Lower case with dashes, as the REST contract writes ids.
    package var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let half = index < 16 ? high : low
                let nibble = UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (index & 15))) & 15
                buffer[position] = nibble < 10 ? 48 + nibble : 87 + nibble
                position += 1
            }
            return 36
        }
    }
}

private func hexValue(_ byte: UInt8) -> UInt64? {
    switch byte {
    case 48...57: UInt64(byte - 48)
    case 65...70: UInt64(byte - 55)
    case 97...102: UInt64(byte - 87)
    default: nil
    }
}

// What ids can be of. Tags only; the entities themselves live where they are used.
package enum Tenant {}
package enum User {}
package enum APIKey {}
package enum Destination {}
package enum Sender {}
package enum Event {}
package enum Node {}
package enum Invite {}
package enum Notification {}
package enum ReplayJob {}

package typealias TenantID = ID<Tenant>
package typealias UserID = ID<User>
package typealias APIKeyID = ID<APIKey>
package typealias DestinationID = ID<Destination>
package typealias SenderID = ID<Sender>
package typealias EventID = ID<Event>
package typealias NodeID = ID<Node>
package typealias InviteID = ID<Invite>
package typealias NotificationID = ID<Notification>
package typealias ReplayJobID = ID<ReplayJob>
