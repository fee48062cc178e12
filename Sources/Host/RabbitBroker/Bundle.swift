import Ports

/// Events of one shard on their way into one message. The broker works for messages, hardly for their bytes: eight
/// events in one cost it little more than one alone.
struct Bundle {
    /// A message of several events stays within one frame of the broker's usual size (128 KiB).
    static let bytesMost = 128_000

    private static let countBytes = 4
    private(set) var events = 0
    /// Of the events' payloads alone.
    private(set) var payloadBytes = 0
    // A message of version 2, whatever it holds.
    private var bytes: [UInt8] = []

    /// limit: events in one message.
    func hasRoom(for item: WorkItem, limit: Int) -> Bool {
        events == 0
            || events < min(limit, MessageCodec.itemsMost)
                && bytes.count + Self.countBytes + MessageCodec.size(of: item) <= Self.bytesMost
    }

    /// False for an item that cannot be encoded; the bundle stays what it was.
    mutating func add(_ item: WorkItem) -> Bool {
        if bytes.isEmpty { bytes.append(MessageCodec.bundleVersion) }
        let before = bytes.count
        MessageCodec.append(UInt32(clamping: MessageCodec.size(of: item)), to: &bytes)
        guard MessageCodec.append(item, to: &bytes) else {
            bytes.removeLast(bytes.count - before)
            return false
        }
        events += 1
        payloadBytes += item.payload.count
        return true
    }

    /// The message; one event alone is written as every version has read it.
    var message: ArraySlice<UInt8> { events == 1 ? bytes[(1 + Self.countBytes)...] : bytes[...] }

    mutating func removeAll() {
        // One huge event is not paid for forever.
        bytes.removeAll(keepingCapacity: bytes.count <= Self.bytesMost)
        events = 0
        payloadBytes = 0
    }
}
