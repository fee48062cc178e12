import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Housekeeping", .needsPostgres)
struct HousekeepingTests {
    let database: TestDatabase
    let store: PostgresStore

    init() throws {
        database = try TestDatabase()
        store = database.makeStore()
    }

    @Test func deletesWhatHasExpiredAndNothingElse() throws {
        let tenant = try makeTenant(in: store)
        let user = makeUser(of: tenant)
        try store.createUser(user)
        for offset in [-10, 600] {
            let at = now() + .seconds(offset)
            _ = try store.createRefreshToken(hash: makeHash(), family: makeID(), user: user, expiresAt: at)
            try store.denyAccessToken(makeID(), until: at)
            _ = try store.countAttempt("login", key: "\(offset)", window: .seconds(offset))
        }
        try store.rotateWebhookSecret(of: tenant, sealed: [1], overlap: .zero)
        let keyed = (0..<2_500).map { makeEvent(tenant: tenant, key: "k\($0)") }
        _ = try database.makeStore(idempotencyWindow: .seconds(-1)).accept(keyed, dueAfter: .zero)
        _ = try store.accept([makeEvent(tenant: tenant, key: "alive")], dueAfter: .zero)

        let report = try store.runHousekeeping(now: now())
        #expect(report.deleted == 2_500 + 4)
        #expect(report.partitions == [])
        let left = try database.makeConnection().text(
            """
            SELECT ((SELECT count(*) FROM idempotency_keys), (SELECT count(*) FROM refresh_tokens),
                (SELECT count(*) FROM denied_access_tokens), (SELECT count(*) FROM attempt_counters),
                (SELECT count(*) FROM webhook_secrets), (SELECT count(*) FROM events))
            """)
        #expect(left == "(1,1,1,1,1,2501)")
    }

    @Test func makesPartitionsAhead() throws {
        let future = now() + .seconds(86_400 * 100)
        #expect(try store.runHousekeeping(now: future).partitions.count == 4)
        #expect(try store.runHousekeeping(now: future).partitions == [])
    }
}
