import Foundation
import Ports
import Testing

@testable import PostgresStore

/// A database of its own on the server that HOOKSENTRY_DATABASE_URL names, migrated, and dropped with this object.
final class TestDatabase: Sendable {
    static let serverURL = ProcessInfo.processInfo.environment["HOOKSENTRY_DATABASE_URL"]

    let name: String
    let url: String

    init(migrated: Bool = true, shards: Int = 16) throws {
        let server = try #require(Self.serverURL)
        name = "hooksentry_test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        url = Self.replacingDatabase(in: server, by: name)
        let connection = PostgresConnection(url: server, session: .migration)
        defer { connection.close() }
        try connection.execute("CREATE DATABASE \(name) ENCODING 'UTF8' TEMPLATE template0")
        if migrated { _ = try Migrator(url: url).migrate(shards: shards) }
    }

    deinit {
        let connection = PostgresConnection(url: Self.serverURL ?? "", session: .migration)
        try? connection.execute("DROP DATABASE \(name) WITH (FORCE)")
        connection.close()
    }

    func makeStore(_ session: PostgresSession = .hot("test"), idempotencyWindow: Duration = .seconds(3_600))
        -> PostgresStore
    {
        PostgresStore(url: url, session: session, idempotencyWindow: idempotencyWindow)
    }

    /// For looking at tables and changing them behind the store's back.
    func makeConnection() -> PostgresConnection { PostgresConnection(url: url, session: .migration) }

    private static func replacingDatabase(in url: String, by name: String) -> String {
        guard let scheme = url.range(of: "://") else { return url + " dbname=" + name }
        let query = url.firstIndex(of: "?") ?? url.endIndex
        let path = url[scheme.upperBound..<query].firstIndex(of: "/") ?? query
        return url[..<path] + "/" + name + url[query...]
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips what needs a server when none is named.
    static var needsPostgres: Self {
        .enabled(
            if: TestDatabase.serverURL != nil, "HOOKSENTRY_DATABASE_URL names no PostgreSQL; `make services` starts one"
        )
    }
}

extension PostgresConnection {
    /// The one value that a query returns, as text.
    func text(_ sql: String) throws -> String {
        try query(Statement("test: \(sql)", "SELECT (\(sql))::text")).first { row throws(StoreError) in
            try row.optional() ?? "null"
        } ?? "none"
    }
}
