import Synchronization

/// All open connections. Touched when one opens or closes, not for each request.
final class ConnectionTable: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: Connection] = [:]
        /// Only kept where there is a limit for it.
        var byAddress: [String: Int] = [:]
    }

    private let addressMax: Int
    private let state = Mutex(State())

    /// addressMax: connections of one peer address; 0: no limit.
    init(addressMax: Int) { self.addressMax = addressMax }

    /// Counts a connection that was accepted and is not inserted yet. False if its address has enough.
    func reserve(_ address: @autoclosure () -> String) -> Bool {
        guard addressMax > 0 else { return true }
        let address = address()
        return state.withLock { state in
            guard state.byAddress[address, default: 0] < addressMax else { return false }
            state.byAddress[address, default: 0] += 1
            return true
        }
    }

    /// Takes a reservation back.
    func release(_ address: String) {
        guard addressMax > 0 else { return }
        state.withLock { state in
            let left = state.byAddress[address, default: 1] - 1
            state.byAddress[address] = left > 0 ? left : nil
        }
    }

    func insert(_ connection: Connection) {
        state.withLock { $0.connections[ObjectIdentifier(connection)] = connection }
    }

    func remove(_ connection: Connection) {
        state.withLock { $0.connections[ObjectIdentifier(connection)] = nil }
        release(connection.remoteAddress)
    }

    var count: Int { state.withLock { $0.connections.count } }
    var all: [Connection] { state.withLock { Array($0.connections.values) } }
}
