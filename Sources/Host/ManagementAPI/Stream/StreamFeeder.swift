import Domain
import HTTPServer
import Ports
import Telemetry
import Threading

/// The hub's thread: registers interest, reads entries, and writes them to the clients.
final class StreamFeeder: @unchecked Sendable {
    // Used by the hub's thread alone.
    private var clients: [StreamClient] = []
    /// When the interest in a tenant has to be renewed.
    private var interests: [TenantID: ContinuousClock.Instant] = [:]
    private var nextCheck = ContinuousClock.now
    private var storeIsAway = false

    private let environment: StreamHub.Environment
    private let metrics: StreamMetrics
    private let render: StreamHub.Render
    private let left: @Sendable (TenantID) -> Void
    private let log = Log("streams")
    private var limits: Limits { environment.limits }

    init(
        _ environment: StreamHub.Environment, _ metrics: StreamMetrics, _ render: @escaping StreamHub.Render,
        left: @escaping @Sendable (TenantID) -> Void
    ) {
        self.environment = environment
        self.metrics = metrics
        self.render = render
        self.left = left
    }

    func run(_ joining: Mailbox<StreamClient>) {
        var isBehind = false
        while !joining.isClosed {
            let pause = isBehind ? Duration.zero : limits.streamPoll
            clients += joining.takeAll(until: clients.isEmpty ? nil : .now + pause)
            closeWhatEnded()
            isBehind = work()
            let now = ContinuousClock.now
            for index in clients.indices { clients[index].ping(after: limits.streamPing, at: now) }
        }
        for client in clients + joining.takeAll(until: .now) { remove(client) }
        clients = []
    }

    private func remove(_ client: StreamClient) {
        client.body.end()
        metrics.open.add(-1)
        left(client.listener.tenantID)
    }

    private func closeWhatEnded() {
        let (time, now) = (environment.clock(), ContinuousClock.now)
        clients.removeAll { client in
            let ending = client.ending(at: time, now, stall: limits.streamStall)
            guard ending != nil || client.body.isClosed else { return false }
            if let ending { metrics.count(ending) }
            remove(client)
            return true
        }
    }

    /// True if there is more to read at once. While the store is away, streams stay open and where they are.
    private func work() -> Bool {
        guard !clients.isEmpty else { return false }
        do {
            let isBehind = try environment.pool.withStore { store in
                try registerInterests(in: store)
                try closeEndedTokens(in: store)
                return try feed(from: store)
            }
            storeIsAway = false
            return isBehind
        } catch {
            if !storeIsAway {
                log.warning(
                    "streams wait for the store",
                    ["reason": (error as? StoreError)?.sentence ?? String(describing: error)])
            }
            storeIsAway = true
            return false
        }
    }

    /// Renewed long before an interest would end, so that it has no gap even if the store is away for a while.
    private func registerInterests(in store: any ManagementStore) throws {
        let now = ContinuousClock.now
        let wanted = Set(clients.map(\.listener.tenantID))
        interests = interests.filter { wanted.contains($0.key) }
        let due = wanted.filter { interests[$0].map { $0 <= now } ?? true }
        if !due.isEmpty {
            let renewal = limits.streamMemory / 4
            // What is left when the last client goes must be the whole memory.
            try store.keepEntries(of: Array(due), memory: limits.streamMemory + renewal * 2)
            for tenant in due { interests[tenant] = now + renewal }
        }
        for index in clients.indices { clients[index].registered() }
    }

    private func closeEndedTokens(in store: any ManagementStore) throws {
        guard ContinuousClock.now >= nextCheck else { return }
        nextCheck = .now + environment.recheck
        let ended = try store.endedTokens(of: clients.map(\.listener))
        clients.removeAll { client in
            guard ended.contains(client.listener.tokenID) else { return false }
            metrics.count(.tokenEnded)
            remove(client)
            return true
        }
    }

    private func feed(from store: any ManagementStore) throws -> Bool {
        let isSettling = clients.contains { if case .settling = $0.phase { true } else { false } }
        if isSettling {
            let horizon = try store.streamHorizon()
            for index in clients.indices { clients[index].advance(to: horizon) }
        }
        var readers: [StreamCursor: [Int]] = [:]
        for (index, client) in clients.enumerated() {
            if let cursor = client.cursor(bufferBytes: limits.streamBufferBytes) {
                readers[cursor, default: []].append(index)
            }
        }
        let cursors = Array(readers.keys)
        let pages = try store.entries(after: cursors, limit: limits.streamPageEntries)
        var isBehind = false
        for (cursor, page) in zip(cursors, pages) {
            try tell(page, of: cursor.tenantID, to: readers[cursor] ?? [], from: store)
            isBehind = isBehind || page.isComplete && page.entries.count == limits.streamPageEntries
        }
        return isBehind
    }

    /// In slices, so that no more rows are in memory than a few. Who has enough leaves, and reads on from its place.
    private func tell(
        _ page: StreamPage, of tenant: TenantID, to readers: [Int], from store: any ManagementStore
    ) throws {
        guard page.isComplete else {
            for index in readers { clients[index].startAnew() }
            metrics.resets.add(readers.count)
            return
        }
        for index in readers { clients[index].goOn() }
        var taking = readers
        let entries = withoutOvertaken(page.entries)
        for start in stride(from: 0, to: entries.count, by: Self.renderedAtOnce) where !taking.isEmpty {
            let slice = Array(entries[start..<min(start + Self.renderedAtOnce, entries.count)])
            let data = try render(StreamRendering(tenantID: tenant, entries: slice), store)
            for entry in slice {
                guard let shown = data[entry.key] else {
                    for index in taking { clients[index].skip(to: entry.position) }
                    continue
                }
                let frame = StreamFrame.event(entry.type, data: shown, at: entry.position)
                taking.removeAll { index in
                    !clients[index].take(frame, at: entry.position, bufferBytes: limits.streamBufferBytes)
                }
                metrics.entries.add(taking.count)
            }
        }
    }

    private static let renderedAtOnce = 20
}

extension StreamEntry {
    /// What it is about and in which way: entries with the same key have the same data.
    struct Key: Hashable {
        var type: String
        var subject: ID<Never>
    }

    var key: Key { Key(type: type, subject: subject) }
}

/// What is to be shown of one tenant's entries.
struct StreamRendering {
    var tenantID: TenantID
    var entries: [StreamEntry]
}

/// Without the entries that a later one of the page repeats: all of them would show the row as it is now.
func withoutOvertaken(_ entries: [StreamEntry]) -> [StreamEntry] {
    var last: [StreamEntry.Key: Int] = [:]
    for (index, entry) in entries.enumerated() { last[entry.key] = index }
    return entries.enumerated().filter { last[$0.element.key] == $0.offset }.map(\.element)
}
