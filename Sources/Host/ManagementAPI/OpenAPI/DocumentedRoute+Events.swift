// Events on their way in and out, and the service itself.

extension DocumentedGroup {
    static let ingest = DocumentedGroup(
        name: "Ingest", description: "Where your systems post events.", examples: ["token": "dst_4b1d0c7e"],
        patterns: ["token": #"^(dst|sndr)_[^\r\n\u0000]*$"#],
        routes: [
            DocumentedRoute(
                "POST", "/api/v1/ingest/{tenantId:uuid}/{token}", id: "ingestEvent", .apiKey, "Post an event",
                details: """
                    The token is a destination's (dst_) or a sender's (sndr_), whose mapping is then applied. What is \
                    answered with 202 is committed and reaches a final state.
                    """,
                query: [
                    .header(
                        "X-Idempotency-Key",
                        "A second event with the same key and ingest token is answered with the first one.",
                        lengthMax: 255, example: "order-17")
                ],
                body: .required("Payload"),
                DocumentedAnswer(
                    status: 202, description: "Committed.", schema: "AcceptedEvent", headers: ["Location"]),
                DocumentedAnswer(
                    status: 200, description: "The idempotency key belongs to this earlier event, with its status now.",
                    schema: "AcceptedEvent", headers: ["Location"]),
                .empty(401, "The API key is missing, unknown or revoked."),
                .empty(403, "The API key or the token is of another tenant."),
                .sentence(
                    404, "The token is unknown; the body is empty if the tenant's id is not a UUID.",
                    example: "No destination or sender has this ingest token."),
                .sentence(
                    422, "The destination takes no events.",
                    example: "The destination is Inactive and takes no events."),
                .empty(500, "The event could not be stored."),
                .sentence(
                    503, "Too much waits or the database is away, with an empty body; or the service starts.",
                    example: "The service is starting; see /health/ready.", headers: ["Retry-After"])),
            DocumentedRoute(
                "POST", "/api/v1/ingest/{tenantId:uuid}/{token}/batch", id: "ingestBatch", .apiKey,
                "Post many events at once",
                details: """
                    An array of payloads, or an object with an array of events that may each have an idempotency key. \
                    Payloads are taken byte for byte. What is taken is committed together; there is a result for each \
                    event, in order.
                    """,
                body: .required("Batch"),
                .ok("BatchAnswer", "Each event has its result; a refused one says why."),
                .sentence(
                    400, "The body is no batch; nothing of it was taken.",
                    example: "A batch must have 1 to 1000 events."),
                .empty(401, "The API key is missing, unknown or revoked."),
                .empty(403, "The API key or the token is of another tenant."),
                .sentence(
                    404, "The token is unknown; the body is empty if the tenant's id is not a UUID.",
                    example: "No destination or sender has this ingest token."),
                .sentence(
                    422, "The destination takes no events.",
                    example: "The destination is Inactive and takes no events."),
                .sentence(
                    503, "Too much waits or the database is away, with an empty body; or the service starts.",
                    example: "The service is starting; see /health/ready.", headers: ["Retry-After"])),
        ])

    static let events = DocumentedGroup(
        name: "Events", description: "What was accepted, and what came of it.",
        examples: ["id": "a0b1c2d3-e4f5-4a6b-8c7d-9e0f1a2b3c4d"],
        routes: [
            DocumentedRoute(
                "GET", "/api/v1/events", id: "listEvents", .token(.readEvents), "List events",
                details: """
                    By acceptedAt or id a list may be of any length, and nextCursor leads through it; sorted otherwise \
                    it is refused where more match than this server counts (limits.list_total_exact). Beyond that \
                    total is an estimate, and X-Total-Estimated says so. A page with more bytes of payload than \
                    limits.list_payload_bytes is refused; a smaller Qt gets it.
                    """,
                query: [
                    .choice("Status", of: "EventStatus"),
                    DocumentedParameter(
                        name: "DestinationUrlId", description: "Only those for this destination.",
                        schema: ["type": "string", "format": "uuid"]),
                    .time("From", "Accepted at this time or later."), .time("To", "Accepted at this time or earlier."),
                    DocumentedParameter(
                        name: "After", description: "A nextCursor of the same list: what comes after it, Pg left out.",
                        schema: ["type": "string", "maxLength": 64]),
                ] + DocumentedParameter.paging(sortedBy: ManagementAPI.eventSortFields),
                DocumentedAnswer(
                    status: 200, description: "One page.", schema: "EventList",
                    headers: ["Link", "X-Total-Estimated"])),
            DocumentedRoute(
                "GET", "/api/v1/events/{id:uuid}", id: "getEvent", .token(.readEvents), "Show an event",
                .ok("Event", "The event.")),
            DocumentedRoute(
                "GET", "/api/v1/events/{id:uuid}/attempts", id: "listAttempts", .token(.readEvents),
                "List the attempts to deliver an event",
                details: "Of very many, the latest: `limits.list_attempts` of them, 500 by default.",
                .ok("AttemptList", "In their order; `total` counts all.")),
            DocumentedRoute(
                "POST", "/api/v1/events/{id:uuid}/replay", id: "replayEvent", .token(.replayEvents),
                "Deliver a failed event again",
                details: "With the stored payload and the destination's settings of today.",
                .ok("Event", "The event, Pending again."),
                .sentence(
                    400, "The event is not in CriticalFailure or AuthenticationFailed, or has been erased.",
                    example: "status must be CriticalFailure or AuthenticationFailed for a replay"),
                .sentence(
                    409, "There is nowhere to deliver it to.",
                    example: "the destination of this event was deleted")),
            DocumentedRoute(
                "POST", "/api/v1/events/purge", id: "purgeEvents", .token(.purgeQueue),
                "Cancel all that waits, for every destination",
                details: """
                    Every event of the tenant that is Pending or WaitingRetry becomes Cancelled, for good. What is \
                    being delivered keeps its outcome.
                    """,
                .ok("PurgeAnswer", "How many were cancelled.")),
            DocumentedRoute(
                "POST", "/api/v1/events/{id:uuid}/erase", id: "eraseEvent", .token(.eraseEvents),
                "Erase what an event holds",
                details: """
                    Payload, idempotency key and what the attempts kept of requests and answers are emptied for good; \
                    that there was an event, and what came of it, stays.
                    """,
                body: .optional("Erasure"),
                .ok("Event", "The event, erased."),
                .sentence(
                    400, "The event is not final, and was not to be cancelled or is being delivered.",
                    example: "status must be final to erase an event, unless cancelWaiting is true")),
            DocumentedRoute(
                "POST", "/api/v1/events/erase", id: "eraseEventsByKey", .token(.eraseEvents),
                "Erase all events with an idempotency key", body: .required("KeyErasure"),
                .ok("ErasedEvents", "How many were erased, and how many were not because they are not final.")),
        ])

    static let service = DocumentedGroup(
        name: "Service", description: "For those who run it, and this document.",
        routes: [
            DocumentedRoute(
                "GET", "/health", id: "getHealth", .anyone, "Whether the process answers",
                .ok("Health", "It does; nothing else is looked at.")),
            DocumentedRoute(
                "GET", "/health/ready", id: "getReadiness", .anyone, "Whether every vital part works",
                .ok("Readiness", "Ready."),
                DocumentedAnswer(
                    status: 503, description: "Not ready; the parts say why.", schema: "Readiness",
                    example: [
                        "status": "unavailable", "timestamp": "2026-08-01T10:00:00.000Z",
                        "parts": [["name": "store", "ready": false, "reason": "not reached yet"]],
                    ], headers: ["Retry-After"])),
            DocumentedRoute(
                "GET", "/metrics", id: "getMetrics", .anyone, "Metrics for Prometheus",
                .text("text/plain", "Text format, version 0.0.4.", example: "hooksentry_up 1\n")),
            DocumentedRoute(
                "GET", "/openapi.json", id: "getDocument", .anyone, "This document",
                .ok("Document", "OpenAPI 3.1.")),
            DocumentedRoute(
                "GET", "/swagger/v1/swagger.json", id: "getDocumentAtSwagger", .anyone,
                "This document, where older clients look", .ok("Document", "OpenAPI 3.1.")),
            DocumentedRoute(
                "GET", "/docs", id: "getReference", .anyone, "A page for people, drawn from this document",
                .text("text/html", "The page; it loads nothing but this document.", example: "<!doctype html>")),
        ])

    static let all = [
        sessions, tenants, users, invites, apiKeys, destinations, senders, plugins, transformers, ingest, events,
        replays, summaries, live, notifications, operators, service,
    ]

    static let exampleTenant = "5b0f3d7e-91c4-4d0a-8a55-0c7f2b9e6d10"
    static let exampleDestination = "e1d0c9b8-a7f6-4e5d-8c4b-3a29180f7e6d"
}
