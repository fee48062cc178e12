import Domain
import Ports
import Synchronization
import Testing

@testable import PostgresStore

@Suite("Shard leases", .needsPostgres)
struct LeaseTests {
    let database: TestDatabase
    let store: PostgresStore
    private let nodes: [NodeID] = (0..<3).map { _ in makeID() }

    init() throws {
        database = try TestDatabase()
        store = database.makeStore()
    }

    /// What a worker does: renews, and releases what is above its share.
    private func renew(_ node: NodeID, lease: Duration = .seconds(60)) throws -> LeaseAnswer {
        let answer = try store.renew(node, releasing: [], lease: lease)
        guard answer.held.count > answer.fairShare else { return answer }
        let surplus = answer.held.sorted().suffix(answer.held.count - answer.fairShare)
        return try store.renew(node, releasing: Set(surplus), lease: lease)
    }

    private func expire(_ node: NodeID) throws {
        try database.makeConnection().execute(
            """
            UPDATE worker_nodes SET expires_at = now() - interval '1 s' WHERE id = '\(node)';
            UPDATE shard_leases SET expires_at = now() - interval '1 s' WHERE node_id = '\(node)'
            """)
    }

    @Test func aLoneWorkerOwnsEverything() throws {
        let answer = try store.renew(nodes[0], releasing: [], lease: .seconds(60))
        #expect(answer.held == Set((0..<16).map { Shard($0) }))
        #expect(answer.fairShare == 16)
        #expect(abs((answer.now - now()).inSeconds) < 5)
        #expect(try store.shardCount() == 16)
    }

    @Test func threeWorkersEndUpWithinOneOfEachOther() throws {
        var held: [NodeID: Set<Shard>] = [:]
        for _ in 0..<3 { for node in nodes { held[node] = try renew(node).held } }
        #expect(held.values.map(\.count).sorted() == [5, 5, 6])
        #expect(held.values.reduce(Set()) { $0.union($1) }.count == 16)
    }

    @Test func aLiveOwnerLosesNothingToANewcomer() throws {
        _ = try store.renew(nodes[0], releasing: [], lease: .seconds(60))
        let newcomer = try store.renew(nodes[1], releasing: [], lease: .seconds(60))
        #expect(newcomer.held == [])
        #expect(newcomer.fairShare == 8)
        #expect(try store.renew(nodes[0], releasing: [], lease: .seconds(60)).held.count == 16)
    }

    @Test func releasedShardsAreNotTakenBackAtOnce() throws {
        _ = try store.renew(nodes[0], releasing: [], lease: .seconds(60))
        let answer = try store.renew(nodes[0], releasing: [Shard(3), Shard(4)], lease: .seconds(60))
        #expect(answer.held.count == 14)
        #expect(!answer.held.contains(Shard(3)))
    }

    @Test func aDeadWorkersShardsMoveOnceTheLeaseIsOver() throws {
        for _ in 0..<3 { for node in nodes { _ = try renew(node) } }
        try expire(nodes[1])
        var held: [NodeID: Set<Shard>] = [:]
        for _ in 0..<2 { for node in [nodes[0], nodes[2]] { held[node] = try renew(node).held } }
        #expect(held.values.map(\.count) == [8, 8])
        // It comes back, and finds that it owns nothing until the others release.
        #expect(try store.renew(nodes[1], releasing: [], lease: .seconds(60)).held == [])
    }

    @Test func leavingFreesEverythingAtOnce() throws {
        for _ in 0..<2 { for node in nodes { _ = try renew(node) } }
        try store.leave(nodes[0])
        try store.leave(nodes[1])
        #expect(try renew(nodes[2]).held.count == 16)
    }

    @Test func concurrentWorkersNeverShareAShard() throws {
        let database = database
        let nodes: [NodeID] = (0..<6).map { _ in makeID() }
        let owners = Mutex<[Shard: NodeID]>([:])
        let clashes = try inParallel(6) { index in
            let store = database.makeStore()
            var surplus: Set<Shard> = []
            var clashes = 0
            for _ in 0..<20 {
                // Let go before the database hears of it, taken after it has answered: an overlap is a fault.
                owners.withLock { owners in for shard in surplus { owners[shard] = nil } }
                let answer = try store.renew(nodes[index], releasing: surplus, lease: .seconds(60))
                clashes += owners.withLock { owners in
                    answer.held.count { shard in
                        let before = owners.updateValue(nodes[index], forKey: shard)
                        return before != nil && before != nodes[index]
                    }
                }
                surplus = Set(answer.held.shuffled().prefix(max(0, answer.held.count - answer.fairShare)))
            }
            return clashes
        }
        #expect(clashes.reduce(0, +) == 0)
        for _ in 0..<2 { for node in nodes { _ = try renew(node) } }
        let counts = try nodes.map { try renew($0).held.count }
        #expect(counts.sorted() == [2, 2, 3, 3, 3, 3])
    }
}
