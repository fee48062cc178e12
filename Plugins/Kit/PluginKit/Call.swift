import PluginAPI

/// The work that a call belongs to. Good until the call returns; copy what you keep.
public struct Call {
    let table: UnsafePointer<hks_call>

    /// The attempt's number, from 1; 0 when the call belongs to no attempt.
    public var attemptNumber: Int { Int(table.pointee.attempt_number) }
    /// When the call must have returned, on the clock of `HostServices.monotonicNanoseconds`.
    public var deadlineNanoseconds: Int64 { table.pointee.deadline_monotonic_ns }
    /// Ids as text (UUID, RFC 9562), for logs and for schemes that sign them; empty outside an attempt.
    public var tenantID: String { String(table.pointee.tenant_id) }
    public var destinationID: String { String(table.pointee.destination_id) }
    /// The same for each attempt of an event.
    public var eventID: String { String(table.pointee.event_id) }
}
