import Domain
import Glibc
import Ports

/// Hears what other nodes change. Owned by one thread, with a connection of its own.
///
///     not listening ── LISTEN succeeded: yields .everything ──► listening
///           ▲                                                       │
///           └──────────────────── connection lost ◄─────────────────┘
package final class ChangeListener {
    /// How long one wait lasts while the server is away; the connection's own backoff decides when it is tried.
    private static let awayPause = Duration.milliseconds(200)

    private let connection: PostgresConnection
    private let wakeDescriptor: Int32
    private var isListening = false

    /// wakeDescriptor: ends a wait when it becomes readable (an eventfd, say); the listener never reads it.
    package init(url: String, wakeDescriptor: Int32) {
        connection = PostgresConnection(url: url, session: .hot("changes"))
        self.wakeDescriptor = wakeDescriptor
    }

    /// Waits for changes. Empty when the time is up, when it was woken, or while the server is away. The first
    /// answer after each connect is `.everything`, because changes may have been missed.
    package func next(timeout: Duration) -> [DirectoryChange] {
        let deadline = ContinuousClock.now + timeout
        guard isListening else { return listen(until: deadline) }
        do throws(StoreError) {
            // Some may have come in together with earlier ones.
            var changes = try takeChanges()
            if changes.isEmpty {
                wait(on: connection.socket, until: deadline)
                changes = try takeChanges()
            }
            return changes
        } catch {
            isListening = false
            return listen(until: deadline)
        }
    }

    package func close() {
        connection.close()
        isListening = false
    }

    private func listen(until deadline: ContinuousClock.Instant) -> [DirectoryChange] {
        do throws(StoreError) {
            try connection.execute("LISTEN hooksentry_changes")
            isListening = true
            return [.everything]
        } catch {
            wait(on: nil, until: min(deadline, .now + Self.awayPause))
            return []
        }
    }

    private func takeChanges() throws(StoreError) -> [DirectoryChange] {
        try connection.takeNotifications().map(DirectoryChange.init(notification:))
    }

    private func wait(on socket: Int32?, until deadline: ContinuousClock.Instant) {
        // poll ignores entries with a negative descriptor.
        var descriptors = [socket ?? -1, wakeDescriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        _ = poll(&descriptors, 2, millisecondsLeft(until: deadline))
    }
}

extension DirectoryChange {
    /// From a payload such as `d:0198…`. One that is not understood comes from a newer version, and may concern
    /// anything.
    init(notification payload: String) {
        let parts = payload.split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let id = ID<Never>(parts[1]) else {
            self = .everything
            return
        }
        switch parts[0] {
        case "d": self = .destination(id.cast())
        case "t": self = .tenant(id.cast())
        case "due": self = .due(id.cast())
        case "cancelled": self = .cancelled(id.cast())
        default: self = .everything
        }
    }
}
