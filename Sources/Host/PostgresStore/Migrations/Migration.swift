/// One step of the schema. Once released it never changes: a correction is a new step.
struct Migration: Sendable {
    /// Four digits and a word or two; steps are applied in this order.
    let name: String
    let sql: String

    static let all = [tenants, destinations, events, leases, invites, eventFilters, destinationCare]
}
