import Ports

/// An event that waits for its commit.
struct PendingEvent: Sendable {
    let reply: EventReply
    let target: IngestTarget
    var payload: [UInt8]
    var contentType: String
    var traceparent: String
    var idempotencyKey: String?
    var mappingError: String?
    var isTest = false
}
