import Synchronization

/// The small values that instances keep between calls (host.h, store and load): tokens, mostly. In memory only.
///
/// Values belong to a storage key (destination, component, settings version), so a re-created instance finds
/// them again. Bounded over all keys: the least recently used ones go first.
package final class InstanceStorage: Sendable {
    static let keyBytesMax = 100
    static let valueBytesMax = 16 << 10
    static let valuesPerInstanceMax = 16

    private struct Value {
        var bytes: [UInt8]
        var expiresAt: Int64
    }

    private struct Shelf {
        var values: [[UInt8]: Value] = [:]
        var lastUse: UInt64 = 0
        var bytes: Int { values.reduce(0) { $0 + $1.key.count + $1.value.bytes.count } }
    }

    private struct State {
        var shelves: [String: Shelf] = [:]
        var bytes = 0
        var uses: UInt64 = 0
    }

    private let state = Mutex(State())
    private let bytesMax: Int

    /// bytesMax: of keys and values together.
    package init(bytesMax: Int = 32 << 20) { self.bytesMax = bytesMax }

    /// False for a key or value over its limit. An empty value removes the key.
    func store(_ value: [UInt8], as key: [UInt8], expiresAt: Int64, on shelfName: String, now: Int64) -> Bool {
        guard key.count <= Self.keyBytesMax, value.count <= Self.valueBytesMax else { return false }
        return state.withLock { state in
            var shelf = state.shelves.removeValue(forKey: shelfName) ?? Shelf()
            state.bytes -= shelf.bytes
            defer {
                state.bytes += shelf.bytes
                state.uses += 1
                shelf.lastUse = state.uses
                if !shelf.values.isEmpty { state.shelves[shelfName] = shelf }
                if state.bytes > bytesMax { Self.shrink(&state, to: bytesMax * 9 / 10) }
            }
            shelf.values = shelf.values.filter { $0.value.expiresAt > now }
            guard !value.isEmpty else {
                shelf.values[key] = nil
                return true
            }
            guard shelf.values[key] != nil || shelf.values.count < Self.valuesPerInstanceMax else { return false }
            shelf.values[key] = Value(bytes: value, expiresAt: expiresAt)
            return true
        }
    }

    /// Nil if there is nothing, or nothing any more.
    func load(_ key: [UInt8], on shelfName: String, now: Int64) -> [UInt8]? {
        state.withLock { state in
            guard let value = state.shelves[shelfName]?.values[key], value.expiresAt > now else { return nil }
            state.uses += 1
            state.shelves[shelfName]?.lastUse = state.uses
            return value.bytes
        }
    }

    /// All values under a key that have not expired.
    func values(on shelfName: String, now: Int64) -> [StoredValue] {
        state.withLock { state in
            (state.shelves[shelfName]?.values ?? [:]).filter { $0.value.expiresAt > now }.map {
                StoredValue(key: $0.key, bytes: $0.value.bytes, expiresAt: $0.value.expiresAt)
            }
        }
    }

    /// Puts back what another process kept of a key, unless there is something newer.
    func fill(_ shelfName: String, with values: [StoredValue], now: Int64) {
        guard state.withLock({ $0.shelves[shelfName] == nil }) else { return }
        for value in values {
            _ = store(value.bytes, as: value.key, expiresAt: value.expiresAt, on: shelfName, now: now)
        }
    }

    /// Forgets everything under a key.
    func remove(_ shelfName: String) {
        state.withLock { state in
            if let shelf = state.shelves.removeValue(forKey: shelfName) { state.bytes -= shelf.bytes }
        }
    }

    package var bytesHeld: Int { state.withLock { $0.bytes } }

    private static func shrink(_ state: inout State, to target: Int) {
        for (name, shelf) in state.shelves.sorted(by: { $0.value.lastUse < $1.value.lastUse }) {
            guard state.bytes > target else { return }
            state.bytes -= shelf.bytes
            state.shelves[name] = nil
        }
    }
}
