import Ports
import Testing

@testable import PostgresStore

@Suite("Which server is the primary")
struct FormerPrimaryTests {
    private typealias Server = ServerAddresses.Server

    @Test(arguments: [
        ("postgresql://u:p@a:1,b:2/db?target_session_attrs=read-write", ["a:1", "b:2"]),
        ("postgresql://a,b/db", ["a:", "b:"]), ("postgresql://a,b:7/db?connect_timeout=1", ["a:", "b:7"]),
        ("host=a,b port=5 dbname=x", ["a:5", "b:5"]), ("postgresql:///db", []), ("postgresql://%zz/db", []),
        ("postgresql:///db?host=a&hostaddr=10.0.0.1", []),
    ])
    func aURINamesServers(url: String, servers: [String]) {
        #expect(ServerAddresses(url).servers.map { "\($0.host):\($0.port)" } == servers)
    }

    @Test func someAreLeftOut() {
        let addresses = ServerAddresses("postgresql://a:1,b,a:2/db")
        #expect(addresses.without([Server(host: "a", port: "1")]).map(\.port) == ["", "2"])
        // libpq names the port that it took where the URI names none.
        #expect(addresses.without([Server(host: "b", port: "5432")]).map(\.host) == ["a", "a"])
    }

    @Test func anOlderTimelineIsNotAdmitted() {
        let newest = NewestTimeline.of(url: "postgresql://timeline test")
        #expect(newest.admits(3))
        #expect(newest.admits(3))
        #expect(!newest.admits(2))
        #expect(NewestTimeline.of(url: "postgresql://timeline test") === newest)
        #expect(newest.admits(4))
        #expect(!newest.admits(3))
    }

    @Test(.needsPostgres) func aServerOfFormerTimesIsLeftAndRefused() throws {
        let database = try TestDatabase(migrated: false)
        let connection = database.makeConnection()
        _ = try connection.text("SELECT 1")
        // As if another connection of this process had met a server that was promoted since.
        #expect(NewestTimeline.of(url: database.url).admits(.max))
        let error = #expect(throws: StoreError.self) { try connection.execute("SELECT 1") }
        guard case .unavailable(let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("was the primary before another server was promoted"))
        #expect(throws: StoreError.self) { try connection.takeNotifications() }
    }

    @Test(.needsPostgres) func aServerThatTakesNoChangesIsLeft() throws {
        let database = try TestDatabase(migrated: false)
        let connection = database.makeConnection()
        let before = try connection.text("SELECT pg_backend_pid()")
        try connection.execute("SET default_transaction_read_only = on")
        #expect(throws: StoreError.self) { try connection.execute("CREATE TABLE t (n integer)") }
        #expect(try connection.text("SELECT pg_backend_pid()") != before)
        try connection.execute("CREATE TABLE t (n integer)")
    }
}
