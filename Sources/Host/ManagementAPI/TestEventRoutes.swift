import Domain
import HTTPServer
import JSON
import Ports

/// `POST /destinations/{id}/test`
struct NewTestEvent: Input {
    /// As it was sent; nil: ours.
    let payload: [UInt8]?

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.optionalBody()
        payload = body.value("payload") == nil ? nil : try request.payload(body)
    }
}

extension ManagementAPI {
    private static let testWindow = Duration.seconds(60)

    var testEventRoutes: [Route] {
        [
            route(
                "POST", "/api/v1/destinations/{id:uuid}/test", .sendTestEvents, NewTestEvent.self, sendTestEvent)
        ]
    }

    /// On the way of every event: stored, queued, transformed, signed, delivered, retried. The event and the request
    /// to the destination are marked.
    @Sendable private func sendTestEvent(
        _ call: Call, _ caller: Caller, _ input: NewTestEvent
    ) throws -> HTTPResponse {
        let destination = try ownDestination(call.id("id"), caller)
        guard destination.status == .active else {
            throw Refusal(
                status: 422, sentence: "the destination is \(destination.status.name) and takes no events")
        }
        let payload = input.payload ?? samplePayload(destination.id)
        guard payload.count <= limits.ingestBodyBytes else {
            throw Refusal.invalid("payload must not be longer than \(limits.ingestBodyBytes) bytes")
        }
        let (count, endsAt) = try pool.withStore {
            try $0.countAttempt("test-event", key: "\(destination.id)", window: Self.testWindow)
        }
        if count > limits.testEventsPerMinute {
            throw Refusal.tooMany(
                "a destination gets at most \(limits.testEventsPerMinute) test events a minute",
                retryAfter: endsAt - settings.clock())
        }
        let target = IngestTarget(
            tenantID: caller.tenantID, destinationID: destination.id, destinationStatus: .active, senderID: nil,
            mapping: nil)
        switch settings.acceptTestEvent(payload, target) {
        case .unavailable:
            throw Refusal(
                status: 503, sentence: "the event could not be stored; please try again", retryAfter: .seconds(1))
        case .accepted(let id, let acceptedAt):
            var response = HTTPResponse.json(
                202,
                [
                    "eventId": .id(id), "status": .string(EventStatus.pending.name),
                    "acceptedAt": .string(acceptedAt),
                ])
            response.headers.append(("Location", "/api/v1/events/\(id)"))
            return response
        }
    }

    private func samplePayload(_ destination: DestinationID) -> [UInt8] {
        let payload: JSONValue = [
            "type": "hooksentry.test", "test": true, "destinationId": .id(destination),
            "sentAt": .time(settings.clock()),
        ]
        return payload.serialized()
    }
}
