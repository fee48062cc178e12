import Domain
import Ports

extension PostgresStore: LeaseStore {
    package func renew(_ node: NodeID, releasing: Set<Shard>, lease: Duration) throws(StoreError) -> LeaseAnswer {
        let answer = try connection.query(Self.renew) { parameters in
            parameters.add(node)
            parameters.array(releasing.map(\.number))
            parameters.add(lease.inMicroseconds)
        }.first { row throws(StoreError) in
            let held = try row.array(of: Int16.self)
            return try LeaseAnswer(
                held: Set(held.compactMap { $0 }.map { Shard($0) }), fairShare: row.integer(), now: row.value())
        }
        guard let answer else { throw .rejected(sqlState: "02000", "renew_leases returned nothing") }
        return answer
    }

    package func leave(_ node: NodeID) throws(StoreError) { try connection.query(Self.leave) { $0.add(node) } }

    private static let renew = Statement(
        "lease_renew",
        """
        SELECT held_shards, fair_share, server_time
        FROM renew_leases($1, $2, $3 * interval '1 microsecond')
        """)
    private static let leave = Statement(
        "lease_leave",
        """
        WITH gone AS (DELETE FROM worker_nodes WHERE id = $1)
        UPDATE shard_leases SET node_id = NULL, expires_at = NULL WHERE node_id = $1
        """)
}
