/// What can go wrong with the store, as far as callers have to tell it apart.
package enum StoreError: Error, Sendable, Equatable {
    /// The database cannot be reached or went away in the middle. What was asked may or may not have happened;
    /// every write of ours can be repeated.
    case unavailable(String)
    /// A unique rule was broken; `constraint` is its name in the schema.
    case conflict(constraint: String)
    /// The database refused a statement: a bug of ours or a schema that does not fit. Repeating is of no use.
    case rejected(sqlState: String, String)

    package var sentence: String {
        switch self {
        case .unavailable(let reason): "PostgreSQL is not available: \(reason)"
        case .conflict(let constraint): "a unique value is taken (\(constraint))"
        case .rejected(let state, let reason): "PostgreSQL refused a statement (\(state)): \(reason)"
        }
    }
}
