import CLibpq
import Domain
import Glibc
import Ports
import Telemetry

/// One connection to PostgreSQL, made when it is first used and again after it was lost. Belongs to one thread.
///
/// While the server is away calls fail at once with `.unavailable`; a new try to connect is made at growing
/// intervals by whichever call comes next, and takes at most `connectTimeout` a host. A statement that was under
/// way when the connection broke is never repeated from here.
package final class PostgresConnection {
    /// Seconds, for each host of the URI.
    static let connectTimeout = 3
    /// How much longer than the server's own timeout the client waits for an answer.
    static let answerGrace = Duration.seconds(5)

    private let url: String
    private let session: PostgresSession
    private let log = Log("store")
    private var handle: OpaquePointer?
    /// By name: what each statement is called on this connection.
    private var prepared: [String: String] = [:]
    private let parameters = Parameters()
    private var backoff = ReconnectBackoff()
    private var lastReason = "not connected yet"
    private var wasConnected = false
    private var inTransaction = false
    private let notices = UnsafeMutablePointer<ServerNotices>.allocate(capacity: 1)
    private let newestTimeline: NewestTimeline
    /// The server's; nil: it would not say.
    private var timeline: Int?

    /// Does not connect yet. url: a libpq URI or conninfo string; several hosts are tried in turn.
    package init(url: String, session: PostgresSession) {
        self.url = url
        self.session = session
        newestTimeline = NewestTimeline.of(url: url)
        notices.initialize(to: ServerNotices())
    }

    deinit {
        PQfinish(handle)
        notices.deallocate()
    }

    /// The socket to wait on for notifications; nil while there is no connection.
    var socket: Int32? { handle.map { PQsocket($0) } }

    // MARK: - Running statements

    /// Runs a prepared statement. fill: adds the parameters in order.
    @discardableResult
    func query(_ statement: Statement, _ fill: (Parameters) -> Void = { _ in }) throws(StoreError) -> Rows {
        let handle = try usableHandle()
        parameters.removeAll()
        fill(parameters)
        let name = try prepare(statement, on: handle)
        let formats = [Int32](repeating: 1, count: parameters.count)
        return try exchange(handle) {
            parameters.withValues { values in
                PQsendQueryPrepared(handle, name, Int32(values.count), values, parameters.lengths, formats, 1)
            }
        }
    }

    private func prepare(_ statement: Statement, on handle: OpaquePointer) throws(StoreError) -> String {
        if let name = prepared[statement.name] { return name }
        // PostgreSQL tells names apart by their first 63 bytes only, so a number makes them differ early.
        let name = "\(prepared.count)_\(statement.name)"
        _ = try exchange(handle) {
            PQsendPrepare(handle, name, statement.sql, Int32(parameters.count), parameters.types)
        }
        prepared[statement.name] = name
        return name
    }

    /// Runs SQL without parameters, several statements if need be, by the simple protocol. What they return is dropped.
    func execute(_ sql: String) throws(StoreError) {
        let handle = try usableHandle()
        _ = try exchange(handle) { PQsendQuery(handle, sql) }
    }

    /// Commits what `body` did, or rolls it back if it throws.
    func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        precondition(!inTransaction, "transactions do not nest")
        try execute("BEGIN")
        inTransaction = true
        defer { inTransaction = false }
        do throws(StoreError) {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // A connection that is gone has rolled back by itself, and one that cannot roll back must go.
            if let handle, (try? exchange(handle) { PQsendQuery(handle, "ROLLBACK") }) == nil { lose(lastReason) }
            throw error
        }
    }

    /// Reads what has come in and returns the payloads of notifications. Never connects: a new connection listens
    /// to nothing yet.
    func takeNotifications() throws(StoreError) -> [String] {
        guard let handle else { throw .unavailable(lastReason) }
        guard !isOutdated else { throw lose("another server was promoted") }
        guard PQconsumeInput(handle) == 1, PQstatus(handle) == CONNECTION_OK else {
            throw lose(StoreError.connectionReason(handle))
        }
        var payloads: [String] = []
        while let notification = PQnotifies(handle) {
            payloads.append(String(cString: notification.pointee.extra))
            PQfreemem(notification)
        }
        return payloads
    }

    package func close() {
        PQfinish(handle)
        handle = nil
        prepared.removeAll()
        timeline = nil
    }

    // MARK: - Being connected

    private func usableHandle() throws(StoreError) -> OpaquePointer {
        if let handle {
            if inTransaction { return handle }
            if isOutdated {
                lose("another server was promoted")
            } else {
                guard hasUnreadInput(handle), hasHungUp(handle) else { return handle }
                // The server hung up while the connection lay idle, so nothing was under way and a new one will do.
                lose(StoreError.connectionReason(handle))
            }
        }
        guard !inTransaction else { throw .unavailable(lastReason) }
        return try connect()
    }

    /// Whether the server was the primary before another one that this process has met.
    private var isOutdated: Bool { timeline.map { !newestTimeline.admits($0) } ?? false }

    private func connect() throws(StoreError) -> OpaquePointer {
        guard backoff.permits(at: .now) else { throw .unavailable(lastReason) }
        let addresses = ServerAddresses(url)
        var former: [ServerAddresses.Server] = []
        while true {
            let opened = try open(former.isEmpty ? [] : addresses.without(former))
            if try isOfToday(opened) { break }
            let server = ServerAddresses.Server(
                host: String(cString: PQhost(opened)), port: String(cString: PQport(opened)))
            close()
            former.append(server)
            guard !addresses.without(former).isEmpty else {
                throw refused("\(server.host):\(server.port) was the primary before another server was promoted")
            }
        }
        backoff.succeeded()
        if wasConnected { log.info("connected to PostgreSQL again", ["purpose": session.purpose]) }
        wasConnected = true
        return handle!
    }

    /// only: some of the URI's servers; empty: all.
    private func open(_ only: [ServerAddresses.Server]) throws(StoreError) -> OpaquePointer {
        // What stands before the URI are defaults that the URI may override; what follows it is ours.
        var options = [
            ("connect_timeout", "\(Self.connectTimeout)"), ("tcp_user_timeout", "10000"), ("keepalives_idle", "10"),
            ("keepalives_interval", "3"), ("keepalives_count", "3"), ("target_session_attrs", "read-write"),
            ("dbname", url), ("application_name", "hooksentry \(session.purpose)"),
        ]
        if !only.isEmpty {
            options.append(("host", only.map(\.host).joined(separator: ",")))
            options.append(("port", only.map(\.port).joined(separator: ",")))
        }
        let opened = withCStrings(options.map(\.0)) { keywords in
            withCStrings(options.map(\.1)) { values in PQconnectdbParams(keywords, values, 1) }
        }
        guard let opened else { throw refused("out of memory") }
        guard PQstatus(opened) == CONNECTION_OK, PQsetnonblocking(opened, 1) == 0 else {
            defer { PQfinish(opened) }
            throw refused(StoreError.connectionReason(opened))
        }
        notices.pointee = ServerNotices()
        PQsetNoticeReceiver(opened, keepNotice, notices)
        handle = opened
        do throws(StoreError) {
            _ = try exchange(opened) { PQsendQuery(opened, session.settings) }
        } catch {
            close()
            throw refused(error.sentence)
        }
        return opened
    }

    /// Asks the server for its timeline: false for a primary of former times.
    private func isOfToday(_ opened: OpaquePointer) throws(StoreError) -> Bool {
        do throws(StoreError) {
            let rows = try exchange(opened) { PQsendQuery(opened, Self.timelineQuery) }
            let digits = try rows.first { row throws(StoreError) in try row.optional(String.self) } ?? nil
            guard let digits, let timeline = Int(digits, radix: 16) else { return true }
            self.timeline = timeline
            return !isOutdated
        } catch .rejected {
            // Services that are like PostgreSQL may have no such function, and no former primaries to be met either.
            return true
        } catch {
            close()
            throw refused(error.sentence)
        }
    }

    // The first eight digits of the name of the file that is written to are the timeline. Without parameters, so that
    // the answer comes as text.
    private static let timelineQuery = """
        SELECT CASE WHEN NOT pg_is_in_recovery() THEN left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END
        """

    private func refused(_ reason: String) -> StoreError {
        if backoff.notBefore == nil {
            log.warning("cannot connect to PostgreSQL", ["purpose": session.purpose, "reason": reason])
        }
        backoff.failed(at: .now)
        lastReason = reason
        return .unavailable(reason)
    }

    @discardableResult
    private func lose(_ reason: String) -> StoreError {
        if handle != nil { log.warning("lost PostgreSQL", ["purpose": session.purpose, "reason": reason]) }
        close()
        lastReason = reason
        return .unavailable(reason)
    }

    // MARK: - One exchange with the server

    /// Sends something and waits for its last result. The connection is closed if the server does not answer in
    /// time or the answer says that the connection is no more.
    private func exchange(_ handle: OpaquePointer, _ send: () -> Int32) throws(StoreError) -> Rows {
        let deadline = session.statementTimeout.map { ContinuousClock.now + $0 + Self.answerGrace }
        notices.pointee.skippedStandby = false
        guard send() == 1 else { throw lose(StoreError.connectionReason(handle)) }
        var last: Rows?
        var failure: StoreError?
        var isReadOnly = false
        while true {
            if let reason = waitForResult(handle, until: deadline) { throw lose(reason) }
            guard let result = PQgetResult(handle) else { break }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                last = Rows(result)
            default:
                if failure == nil { failure = StoreError(result: result, connection: handle) }
                isReadOnly = isReadOnly || StoreError.isReadOnly(result)
                PQclear(result)
            }
        }
        if PQstatus(handle) != CONNECTION_OK { throw lose(failure?.sentence ?? StoreError.connectionReason(handle)) }
        // A primary no more: the next connection is made to the one that is.
        if isReadOnly { lose("the server takes no changes any more") }
        if let failure { throw failure }
        if notices.pointee.skippedStandby { throw .unavailable("no standby has confirmed the commit") }
        guard let last else { throw lose("the server gave no result") }
        return last
    }

    /// Nil when `PQgetResult` will not block; otherwise why there will be no result.
    private func waitForResult(_ handle: OpaquePointer, until deadline: ContinuousClock.Instant?) -> String? {
        while true {
            let unsent = PQflush(handle)
            if unsent < 0 { return StoreError.connectionReason(handle) }
            if unsent == 0, PQisBusy(handle) == 0 { return nil }
            var descriptor = pollfd(
                fd: PQsocket(handle), events: Int16(unsent == 1 ? POLLIN | POLLOUT : POLLIN), revents: 0)
            let ready = poll(&descriptor, 1, deadline.map(millisecondsLeft) ?? -1)
            if ready == 0 { return "the server did not answer in time" }
            if ready < 0, errno != EINTR { return String(cString: strerror(errno)) }
            if ready > 0, descriptor.revents & ~Int16(POLLOUT) != 0, PQconsumeInput(handle) == 0 {
                return StoreError.connectionReason(handle)
            }
        }
    }

    /// What comes unasked is a setting that changed, a notice, or the server's last word.
    private func hasHungUp(_ handle: OpaquePointer) -> Bool {
        guard PQconsumeInput(handle) == 1, PQisBusy(handle) == 0 else { return true }
        return PQstatus(handle) != CONNECTION_OK || notices.pointee.saidGoodbye
    }

    private func hasUnreadInput(_ handle: OpaquePointer) -> Bool {
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) > 0
    }
}

/// For `poll`: rounded up, so that it does not spin through the last millisecond.
func millisecondsLeft(until deadline: ContinuousClock.Instant) -> Int32 {
    let left = deadline - ContinuousClock.now
    return left <= .zero ? 0 : Int32(clamping: left.inMilliseconds + 1)
}

/// texts as a null-terminated array of C strings, valid within the call only.
private func withCStrings<Result>(_ texts: [String], _ body: ([UnsafePointer<CChar>?]) -> Result) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies.map { UnsafePointer($0) } + [nil])
}
