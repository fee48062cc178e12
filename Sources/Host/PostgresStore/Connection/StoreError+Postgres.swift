import CLibpq
import Ports

// The one place that turns what libpq says into a StoreError.

extension StoreError {
    /// From a result that is not the one hoped for, or none. Reads; frees nothing.
    init(result: OpaquePointer?, connection: OpaquePointer) {
        guard let result, let state = Self.field(result, sqlStateField), PQstatus(connection) == CONNECTION_OK else {
            self = .unavailable(Self.connectionReason(connection))
            return
        }
        self.init(
            sqlState: state, message: Self.field(result, messageField) ?? "no message",
            constraint: Self.field(result, constraintField))
    }

    init(sqlState: String, message: String, constraint: String?) {
        if sqlState == "23505" {
            self = .conflict(constraint: constraint ?? "unknown")
        } else if isPassing(sqlState) || sqlState == "23514" && constraint == nil {
            // A check without a name is a partition's: the row was on its way to the default partition while one of
            // its own was attached, and finds that the next time.
            self = .unavailable("\(message) (\(sqlState))")
        } else {
            self = .rejected(sqlState: sqlState, message)
        }
    }

    /// Whether the server refused a change because it is a standby, or was made read-only.
    static func isReadOnly(_ result: OpaquePointer?) -> Bool { field(result, sqlStateField) == "25006" }

    /// libpq's own words, as one line. They name host and port, never the password.
    static func connectionReason(_ connection: OpaquePointer) -> String {
        let text = String(cString: PQerrorMessage(connection))
        let lines = text.split(separator: "\n").map { $0.trimmingPrefix(while: \.isWhitespace) }
        return lines.isEmpty ? "the connection was lost" : lines.joined(separator: "; ")
    }

    private static func field(_ result: OpaquePointer?, _ code: Int32) -> String? {
        PQresultErrorField(result, code).map { String(cString: $0) }
    }
}

/// Conditions that go away by themselves, so that the same statement may succeed later.
private func isPassing(_ sqlState: String) -> Bool {
    switch sqlState.prefix(2) {
    // Connection exception, transaction rolled back (deadlock), insufficient resources, operator intervention
    // (shutdown, statement timeout), system error.
    case "08", "40", "53", "57", "58": true
    // A lock that was not to be had in time; a primary that has become a standby.
    default: sqlState == "55P03" || sqlState == "25006"
    }
}

// PG_DIAG_… are character constants, which Swift does not import as macros with a type it can use.
private let sqlStateField = Int32(UInt8(ascii: "C"))
private let messageField = Int32(UInt8(ascii: "M"))
private let constraintField = Int32(UInt8(ascii: "n"))
