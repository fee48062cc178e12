/// SQL that is prepared once on each connection, when it is first run there. The types of its parameters are
/// those of the values it is first run with.
struct Statement: Sendable {
    /// Unique among all statements; shows in the server's log.
    let name: String
    let sql: String

    init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}
