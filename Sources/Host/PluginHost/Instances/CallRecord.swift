import Domain
import PluginAPI
import Ports

/// The `hks_call` of one instance, in memory that is filled anew for each call and never moves. The text of an id is
/// written only when the id has changed since the call before.
final class CallRecord {
    private static let idBytes = 36

    let pointer: UnsafeMutablePointer<hks_call>
    private let text: UnsafeMutablePointer<UInt8>
    // What stands in `text` now.
    private var tenant: TenantID?
    private var destination: DestinationID?
    private var event: EventID?

    init() {
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: hks_call())
        pointer.pointee.struct_size = UInt32(MemoryLayout<hks_call>.size)
        text = .allocate(capacity: 3 * Self.idBytes)
        text.initialize(repeating: 0, count: 3 * Self.idBytes)
    }

    deinit {
        pointer.deallocate()
        text.deallocate()
    }

    func fill(_ context: PluginCallContext, deadline: Int64) {
        pointer.pointee.attempt_number = UInt32(clamping: context.attemptNumber)
        pointer.pointee.deadline_monotonic_ns = deadline
        pointer.pointee.tenant_id = view(context.tenantID, known: &tenant, slot: 0)
        pointer.pointee.destination_id = view(context.destinationID, known: &destination, slot: 1)
        pointer.pointee.event_id = view(context.eventID, known: &event, slot: 2)
    }

    private func view<Of>(_ id: ID<Of>?, known: inout ID<Of>?, slot: Int) -> hks_bytes {
        guard let id else { return hks_bytes() }
        let start = text + slot * Self.idBytes
        if known != id {
            Self.write(id.high, id.low, at: start)
            known = id
        }
        return hks_bytes(data: start, size: UInt64(Self.idBytes))
    }

    /// Lower-case hex with dashes, like `ID.description`, without making a String.
    private static func write(_ high: UInt64, _ low: UInt64, at start: UnsafeMutablePointer<UInt8>) {
        var position = 0
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 {
                start[position] = UInt8(ascii: "-")
                position += 1
            }
            let half = index < 16 ? high : low
            let nibble = UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (index & 15))) & 15
            start[position] = nibble < 10 ? 48 + nibble : 87 + nibble
            position += 1
        }
    }
}
