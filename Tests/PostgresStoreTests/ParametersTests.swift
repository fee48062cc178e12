import Domain
import Ports
import Testing

@testable import PostgresStore

@Suite("Binary values", .needsPostgres)
struct ParametersTests {
    let connection: PostgresConnection

    init() throws {
        connection = PostgresConnection(url: try #require(TestDatabase.serverURL), session: .migration)
    }

    private func echo<Value: PostgresValue & Sendable>(_ value: Value?) throws -> Value? {
        try connection.query(Statement("echo \(Value.self)", "SELECT $1")) { $0.add(value) }
            .first { row throws(StoreError) in try row.optional() } ?? nil
    }

    private func echo<Value: PostgresValue & Sendable>(all values: [Value?]) throws -> [Value?] {
        try connection.query(Statement("echo all \(Value.self)", "SELECT $1")) { parameters in
            parameters.array(values) { $0 }
        }.first { row throws(StoreError) in try row.array() } ?? []
    }

    @Test func everyTypeComesBackAsItWent() throws {
        #expect(try echo(Int16.min) == .min)
        #expect(try echo(Int32.max) == .max)
        #expect(try echo(Int64.min) == .min)
        #expect(try echo(true) == true)
        #expect(try echo("") == "")
        #expect(try echo("größer 😀") == "größer 😀")
        #expect(try echo([UInt8](0...255)) == [UInt8](0...255))
        let id: EventID = makeID()
        #expect(try echo(id) == id)
        #expect(try echo(Timestamp(microseconds: -1)) == Timestamp(microseconds: -1))
        #expect(try echo(String?.none) == nil)
        #expect(try echo([UInt8]?.none) == nil)
    }

    @Test func arraysKeepOrderNullsAndEmptiness() throws {
        #expect(try echo(all: [Int16(3), nil, -3]) == [3, nil, -3])
        #expect(
            try echo(all: ["a", nil, "", String(repeating: "long ", count: 5_000)])
                == ["a", nil, "", String(repeating: "long ", count: 5_000)])
        #expect(try echo(all: [[UInt8]]()) == [])
        #expect(try echo(all: [Timestamp?.none]) == [nil])
    }

    @Test func textIDsAndTimesAgreeWithTheServersReading() throws {
        let id = try #require(EventID("0198c0de-0000-7abc-8def-0123456789ab"))
        let read = try connection.query(Statement("reading", "SELECT $1::text || ' ' || $2::text")) { parameters in
            parameters.add(id)
            parameters.add(Timestamp(iso8601: "2026-08-01T09:00:00.123456Z"))
        }.first { row throws(StoreError) in try row.value(String.self) }
        #expect(read == "0198c0de-0000-7abc-8def-0123456789ab 2026-08-01 09:00:00.123456+00")
    }

    @Test func aColumnOfAnotherKindIsAnErrorAndNoTrap() throws {
        let rows = try connection.query(Statement("odd", "SELECT 'text', NULL, 99::smallint AS status"))
        #expect(throws: StoreError.self) { try rows.first { row throws(StoreError) in try row.value(EventID.self) } }
        #expect(throws: StoreError.rejected(sqlState: "22P03", "column 3 (status) holds 99, which is no EventStatus")) {
            try rows.first { row throws(StoreError) in
                _ = try row.value(String.self)
                _ = try row.optional(String.self)
                return try row.named(EventStatus.self)
            }
        }
    }
}
