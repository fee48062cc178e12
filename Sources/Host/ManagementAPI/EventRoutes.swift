import Domain
import HTTPServer
import JSON
import Ports

/// `GET /events`
struct EventList: Input {
    let filter: EventFilter
    let paging: Paging
    /// A cursor, still to be checked.
    let after: String?

    init(reading request: RequestReader) throws(Refusal) {
        filter = EventFilter(
            status: try request.choice("Status"), destinationID: try request.id("DestinationUrlId"),
            from: try request.time("From"), to: try request.time("To"))
        paging = try Paging(reading: request)
        after = request.text("After")
        if after != nil, paging.offset > 0 { throw .invalid("Pg must be 1 or left out with After") }
    }
}

extension ManagementAPI {
    static let eventSortFields = [
        "acceptedAt", "id", "status", "destinationUrlId", "currentRetryCount", "nextAttemptAt", "deliveredAt",
        "idempotencyKey",
    ]
    /// Of those, the ones in which a list can be of any length: the order of the ids.
    private static let cursorSortFields = ["acceptedAt", "id"]

    var eventRoutes: [Route] {
        let one = "/api/v1/events/{id:uuid}"
        return [
            route("GET", "/api/v1/events", .readEvents, EventList.self, listEvents),
            route("GET", one, .readEvents, showEvent),
            route("GET", one + "/attempts", .readEvents, listAttempts),
            route("POST", one + "/replay", .replayEvents, replayEvent),
            route("POST", one + "/erase", .eraseEvents, ErasureInput.self, eraseEvent),
            route("POST", "/api/v1/events/erase", .eraseEvents, KeyErasureInput.self, eraseEvents),
        ]
    }

    @Sendable private func listEvents(_ call: Call, _ caller: Caller, _ input: EventList) throws -> HTTPResponse {
        let query = try input.paging.query(sortedBy: Self.eventSortFields)
        let hasCursors = Self.cursorSortFields.contains(query.sort)
        let cursor = EventCursor(of: caller.tenantID, input.filter, descending: query.descending)
        var after: EventID?
        if let text = input.after {
            guard hasCursors else {
                throw Refusal.invalid("After goes with CpOrd \(Self.cursorSortFields.joined(separator: " or "))")
            }
            after = try cursor.event(from: text)
        }
        let listing = try pool.withStore {
            try $0.events(
                of: caller.tenantID, input.filter,
                EventQuery(
                    query, after: after, countMax: limits.listTotalExact, payloadBytesMax: limits.listPayloadBytes))
        }
        let page: EventPage
        switch listing {
        case .page(let found): page = found
        case .tooManyToSort:
            throw Refusal.invalid(
                "CpOrd must be \(Self.cursorSortFields.joined(separator: " or ")) where more than "
                    + "\(limits.listTotalExact) events match; narrow the list with From and To")
        case .tooManyBytes(let bytes):
            throw Refusal.invalid(
                "Qt must be less where the payloads of a page have more than \(limits.listPayloadBytes) bytes "
                    + "together, and these have \(bytes); ask for fewer with Qt")
        }
        let last = hasCursors && page.hasMore ? page.rows.last : nil
        let next = last.map { cursor.text(after: $0.item.eventID) }
        var response = HTTPResponse.json(
            200,
            ["total": .count(page.total), "items": .array(page.rows.map(document)), "nextCursor": .text(next)])
        if page.isTotalEstimated { response.headers.append(("X-Total-Estimated", "true")) }
        if let next { response.headers.append(("Link", nextLink(call.request, next))) }
        return response
    }

    /// The same list from the cursor on (RFC 8288).
    private func nextLink(_ request: HTTPRequest, _ cursor: String) -> String {
        let kept = request.query.filter { !["pg", "after"].contains($0.name.lowercased()) }
        let query = (kept + [("After", cursor)]).map { "\(queryEscaped($0.name))=\(queryEscaped($0.value))" }
        return "<\(request.path)?\(query.joined(separator: "&"))>; rel=\"next\""
    }

    @Sendable private func showEvent(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let id = try call.id("id", of: Event.self)
        let event = try pool.withStore { store in
            try requireOwner(try store.owner(ofEvent: id), is: caller)
            return try store.event(id, of: caller.tenantID)
        }
        guard let event else { throw Refusal.notFound }
        return .json(200, document(event))
    }

    @Sendable private func listAttempts(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let id = try call.id("id", of: Event.self)
        let attempts = try pool.withStore { store in
            try requireOwner(try store.owner(ofEvent: id), is: caller)
            return try store.attempts(of: id, tenant: caller.tenantID, limit: limits.listAttempts)
        }
        return .json(200, .list(total: attempts.total, attempts.latest.map(document)))
    }

    /// From a failure that is final. The store's update is conditional, so of two replays at a time one finds nothing
    /// left to do and is refused.
    @Sendable private func replayEvent(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let id = try call.id("id", of: Event.self)
        let replayed: EventRecord? = try pool.withStore { store in
            try requireOwner(try store.owner(ofEvent: id), is: caller)
            if let replayed = try store.replay(id, of: caller.tenantID) { return replayed }
            guard let event = try store.event(id, of: caller.tenantID) else { return nil }
            if event.isErased { throw Refusal.invalid("the event has been erased, so there is nothing to replay") }
            if try store.owner(ofDestination: event.item.destinationID) == nil {
                throw Refusal.conflict("the destination of this event was deleted")
            }
            return nil
        }
        guard let replayed else {
            throw Refusal.invalid("status must be CriticalFailure or AuthenticationFailed for a replay")
        }
        return .json(200, document(replayed))
    }

    func document(_ event: EventRecord) -> JSONValue {
        let item = event.item
        return [
            "id": .id(item.eventID), "tenantId": .id(item.tenantID), "destinationUrlId": .id(item.destinationID),
            "payload": .string(String(decoding: item.payload, as: UTF8.self)), "status": .string(event.status.name),
            "idempotencyKey": .text(event.idempotencyKey), "currentRetryCount": .count(retryCount(event)),
            "nextAttemptAt": .time(event.nextAttemptAt), "acceptedAt": .time(item.acceptedAt),
            "deliveredAt": .time(event.deliveredAt), "destinationId": .id(item.destinationID),
            "destinationUrl": .string(event.destinationURL), "attempts": .count(item.attemptsFinished),
            "mappingError": .text(event.mappingError), "isErased": .bool(event.isErased), "test": .bool(item.isTest),
        ]
    }

    /// Failed attempts of this round after which another was due: the attempt that ended the event does not count.
    private func retryCount(_ event: EventRecord) -> Int {
        switch event.status {
        case .succeeded, .criticalFailure, .authenticationFailed: max(0, event.item.attemptsThisRound - 1)
        case .pending, .processing, .failed, .waitingRetry, .cancelled: event.item.attemptsThisRound
        }
    }

    private func document(_ attempt: AttemptRecord) -> JSONValue {
        [
            "number": .count(attempt.number), "startedAt": .time(attempt.startedAt),
            "durationMs": .count(Int(attempt.duration.inMilliseconds)), "outcome": .string(attempt.outcome.rawValue),
            "httpStatus": attempt.httpStatus == 0 ? .null : .count(attempt.httpStatus),
            "error": .text(attempt.error),
            "responseBody": .string(String(decoding: attempt.responseBody, as: UTF8.self)),
            "requestHeaders": .string(attempt.requestHeaders),
            "plugins": .array(attempt.pluginChain.map { .string($0.title) }),
            "steps": .array(
                attempt.pluginChain.map { step in
                    [
                        "plugin": .string(step.title),
                        "durationUs": step.duration.map { .count(Int($0.inMicroseconds)) } ?? .null,
                    ]
                }),
        ]
    }
}
