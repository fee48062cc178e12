import Domain
import HTTPServer
import JSON

/// `POST /events/{id}/erase`; the body is optional.
struct ErasureInput: Input {
    let cancelWaiting: Bool

    init(reading request: RequestReader) throws(Refusal) {
        cancelWaiting = try request.optionalBody().boolean("cancelWaiting") ?? false
    }
}

/// `POST /events/erase`
struct KeyErasureInput: Input {
    let idempotencyKey: String
    let cancelWaiting: Bool

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        idempotencyKey = try body.required("idempotencyKey")
        cancelWaiting = try body.boolean("cancelWaiting") ?? false
    }
}

extension ManagementAPI {
    /// The event as it is afterwards; erasing it once more changes nothing.
    @Sendable func eraseEvent(_ call: Call, _ caller: Caller, _ input: ErasureInput) throws -> HTTPResponse {
        let id = try call.id("id", of: Event.self)
        let event = try pool.withStore { store in
            try requireOwner(try store.owner(ofEvent: id), is: caller)
            switch try store.erase(id, of: caller.tenantID, cancelWaiting: input.cancelWaiting) {
            case .done: return try store.event(id, of: caller.tenantID)
            case .unknown: throw Refusal.notFound
            case .unfinished:
                throw Refusal.invalid(
                    input.cancelWaiting
                        ? "status must not be Processing: the event is being delivered at the moment"
                        : "status must be final to erase an event, unless cancelWaiting is true")
            }
        }
        guard let event else { throw Refusal.notFound }
        log.info(
            "an event was erased",
            ["tenant": "\(caller.tenantID)", "user": "\(caller.userID)", "event": "\(id)"])
        return .json(200, document(event))
    }

    @Sendable func eraseEvents(_ call: Call, _ caller: Caller, _ input: KeyErasureInput) throws -> HTTPResponse {
        try TextRule.idempotencyKey.check(input.idempotencyKey)
        let outcome = try pool.withStore {
            try $0.eraseEvents(
                idempotencyKey: input.idempotencyKey, of: caller.tenantID, cancelWaiting: input.cancelWaiting)
        }
        // Not the key: it may be what was to be forgotten.
        log.info(
            "events were erased by key",
            ["tenant": "\(caller.tenantID)", "user": "\(caller.userID)", "erased": "\(outcome.erased)"])
        return .json(200, ["erased": .count(outcome.erased), "unfinished": .count(outcome.unfinished)])
    }
}
