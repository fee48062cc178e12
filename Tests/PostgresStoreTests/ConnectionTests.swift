import Domain
import Foundation
import Ports
import TestSupport
import Testing

@testable import PostgresStore

@Suite("Connections", .needsPostgres)
struct ConnectionTests {
    let url: String
    let admin: PostgresConnection

    init() throws {
        url = try #require(TestDatabase.serverURL)
        admin = PostgresConnection(url: url, session: .migration)
    }

    private func terminate(_ connection: PostgresConnection) throws {
        let pid = try connection.text("SELECT pg_backend_pid()")
        #expect(try admin.text("SELECT pg_terminate_backend(\(pid))") == "true")
        // Until the server process has gone the client cannot know.
        #expect(try eventually { try admin.text("SELECT count(*) FROM pg_stat_activity WHERE pid = \(pid)") == "0" })
    }

    @Test func aConnectionKilledWhileIdleIsReplacedUnnoticed() throws {
        let store = PostgresStore(url: url, session: .hot("test"))
        let killed = try store.connection.text("SELECT pg_backend_pid()")
        try terminate(store.connection)
        #expect(try store.connection.text("SELECT pg_backend_pid()") != killed)
    }

    @Test func aConnectionKilledInTheMiddleFailsOnceAndRecovers() throws {
        let connection = PostgresConnection(url: url, session: .hot("test"))
        let pid = try connection.text("SELECT pg_backend_pid()")
        #expect(throws: (any Error).self) { try connection.text("SELECT pg_terminate_backend(\(pid))") }
        #expect(try connection.text("SELECT 1") == "1")
    }

    @Test func aServerThatStopsAnsweringIsGivenUp() throws {
        let database = try TestDatabase(migrated: false)
        var session = PostgresSession.hot("test")
        session.statementTimeout = .milliseconds(100)
        let connection = PostgresConnection(url: database.url, session: session)
        let pid = try #require(pid_t(try connection.text("SELECT pg_backend_pid()")))
        // Only a server process on this machine that serves this very database is stopped.
        let title = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
        try #require(title.contains(database.name), "the tests' PostgreSQL runs on this machine")
        try #require(kill(pid, SIGSTOP) == 0)
        defer { kill(pid, SIGCONT) }
        #expect(throws: StoreError.unavailable("the server did not answer in time")) {
            try connection.execute("SELECT 1")
        }
        #expect(try connection.text("SELECT 1") == "1")
    }

    @Test func aTransactionCutShortIsNeverContinuedElsewhere() throws {
        let connection = PostgresConnection(url: url, session: .hot("test"))
        var reached = false
        let error = #expect(throws: StoreError.self) {
            try connection.transaction { () throws(StoreError) in
                try connection.execute("CREATE TEMPORARY TABLE half (n integer)")
                try connection.execute("SELECT pg_terminate_backend(\(connectionPID(connection)))")
                reached = true
            }
        }
        guard case .unavailable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!reached)
        #expect(try connection.text("SELECT to_regclass('half') IS NULL") == "true")
    }

    private func connectionPID(_ connection: PostgresConnection) -> String {
        (try? connection.text("SELECT pg_backend_pid()")) ?? "0"
    }

    @Test func aFailedTransactionRollsBackAndTheConnectionGoesOn() throws {
        let connection = PostgresConnection(url: url, session: .hot("test"))
        #expect(throws: StoreError.self) {
            try connection.transaction { () throws(StoreError) in
                try connection.execute("CREATE TEMPORARY TABLE half (n integer)")
                try connection.execute("SELECT 1 / 0")
            }
        }
        #expect(try connection.text("SELECT to_regclass('half') IS NULL") == "true")
    }

    @Test func errorsAreToldApart() throws {
        let connection = PostgresConnection(url: url, session: .migration)
        try connection.execute("CREATE TEMPORARY TABLE u (n integer CONSTRAINT only_once UNIQUE)")
        #expect(throws: StoreError.conflict(constraint: "only_once")) {
            try connection.execute("INSERT INTO u VALUES (1), (1)")
        }
        #expect(throws: StoreError.rejected(sqlState: "22012", "division by zero")) {
            try connection.execute("SELECT 1 / 0")
        }
        try connection.execute("SET statement_timeout = 20")
        let error = #expect(throws: StoreError.self) { try connection.execute("SELECT pg_sleep(60)") }
        guard case .unavailable = error else {
            Issue.record("a timeout passes: \(String(describing: error))")
            return
        }
    }

    @Test func thePlannerIsHeldToIndexesAndCommitsAreDurable() throws {
        let connection = PostgresConnection(url: url, session: .hot("accept"))
        #expect(try connection.text("SELECT current_setting('enable_seqscan')") == "off")
        #expect(try connection.text("SELECT current_setting('synchronous_commit')") == "on")
        #expect(try connection.text("SELECT current_setting('application_name')") == "hooksentry accept")
        #expect(try connection.text("SELECT current_setting('statement_timeout')") == "10s")
    }

    @Test func ofSeveralHostsTheOneThatAnswersIsUsed() throws {
        let scheme = try #require(url.range(of: "://"))
        let userEnd = url[scheme.upperBound...].firstIndex(of: "@").map { url.index(after: $0) } ?? scheme.upperBound
        // Port 1 refuses: only root may listen there, and nobody does.
        let several = url[..<userEnd] + "127.0.0.1:1," + url[userEnd...]
        _ = try PostgresStore(url: String(several), session: .hot("test")).now()
    }
}

@Suite("Connections to a server that is away")
struct AwayTests {
    private let store = PostgresStore(url: "postgresql://nobody@127.0.0.1:1/none", session: .hot("test"))

    @Test func callsFailAtOnceAndSayWhy() {
        let error = #expect(throws: StoreError.self) { _ = try store.now() }
        guard case .unavailable(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("127.0.0.1"))
        let clock = ContinuousClock()
        let spent = clock.measure { for _ in 0..<1_000 { _ = try? store.now() } }
        #expect(spent < .seconds(2))
    }

    @Test func aServerThatAcceptsAndSaysNothingIsGivenUp() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                #expect(bind(listener, pointer, length) == 0)
                #expect(listen(listener, 5) == 0)
                #expect(getsockname(listener, pointer, &length) == 0)
            }
        }
        let port = UInt16(bigEndian: address.sin_port)
        let silent = PostgresStore(url: "postgresql://nobody@127.0.0.1:\(port)/none", session: .hot("test"))
        let spent = ContinuousClock().measure {
            #expect(throws: StoreError.self) { try silent.now() }
        }
        #expect(spent < .seconds(20))
    }

    @Test func triesToReconnectGrowRareAndStartAnew() {
        var backoff = ReconnectBackoff()
        let start = ContinuousClock.now
        #expect(backoff.permits(at: start))
        var delays: [Duration] = []
        for _ in 0..<8 {
            backoff.failed(at: start)
            delays.append(backoff.notBefore! - start)
        }
        #expect(delays.prefix(4) == [.milliseconds(50), .milliseconds(100), .milliseconds(200), .milliseconds(400)])
        #expect(delays.last == .seconds(2))
        #expect(!backoff.permits(at: start + .milliseconds(1_999)))
        #expect(backoff.permits(at: start + .seconds(2)))
        backoff.succeeded()
        #expect(backoff.permits(at: start))
    }

    @Test(arguments: [
        ("08006", true), ("57P01", true), ("57014", true), ("40P01", true), ("53300", true), ("25006", true),
        ("23514", false), ("42601", false), ("22P02", false), ("25P02", false),
    ])
    func conditionsThatPassAreUnavailability(_ state: String, _ passes: Bool) {
        let error = StoreError(sqlState: state, message: "m", constraint: "named")
        #expect(error == (passes ? .unavailable("m (\(state))") : .rejected(sqlState: state, "m")))
    }
}
