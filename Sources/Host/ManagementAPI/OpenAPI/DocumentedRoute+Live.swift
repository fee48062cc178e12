// What clients are told as it happens.

extension DocumentedGroup {
    static let live = DocumentedGroup(
        name: "Stream", description: "Changes as they happen, as server-sent events.",
        routes: [
            DocumentedRoute(
                "GET", "/api/v1/stream", id: "openStream", .token(.readStream), "Listen to changes",
                details: """
                    Stays open and sends the tenant's changes: event.created, event.updated, destination.created, \
                    destination.updated, destination.deleted, sender.created, sender.deleted, apikey.created, \
                    apikey.deleted, user.created, user.updated, user.deleted, tenant.updated and \
                    notification.created. The data is the thing as this API shows it now, or {"id"} of one that is \
                    gone. stream.ready comes first: what is committed from then on is told. stream.reset says that \
                    something was missed: load your lists again. A client that was away for a few minutes goes on \
                    where it was with Last-Event-ID. The stream ends with its access token. Instead of the \
                    Authorization header, a ticket may be given.
                    """,
                query: [
                    DocumentedParameter(
                        name: "ticket", description: "From createStreamTicket, for clients that set no headers.",
                        schema: ["type": "string"]),
                    DocumentedParameter(
                        name: "lastEventId", description: "The same as Last-Event-ID, for clients that set no headers.",
                        schema: ["type": "string", "pattern": "^[0-9]{1,18}-[0-9]{1,18}$"]),
                    .header("Last-Event-ID", "The id of the last event that was received.", lengthMax: 40),
                ],
                isEndless: true,
                .text("text/event-stream", "Events, without end.", example: "event: stream.ready\ndata: {}\n\n"),
                .sentence(
                    429, "The tenant has enough open streams.",
                    example: "the tenant has 50 open streams, and more are not allowed", headers: ["Retry-After"])),
            DocumentedRoute(
                "POST", "/api/v1/stream/ticket", id: "createStreamTicket", .token(.readStream),
                "Get a ticket for a stream",
                details: "Good once and for half a minute, so that no access token has to stand in a URL.",
                .ok("StreamTicket", "The ticket.")),
        ])

    static let notifications = DocumentedGroup(
        name: "Notifications", description: "What the tenant's people should hear of.",
        examples: ["id": "5d0e8a52-7b1c-4f3e-9a60-1c2d3e4f5a6b"],
        routes: [
            DocumentedRoute(
                "GET", "/api/v1/notifications", id: "listNotifications", .token(.readNotifications),
                "List notifications",
                query: [
                    DocumentedParameter(
                        name: "read", description: "Only those that are, or are not, read.",
                        schema: ["type": "boolean"])
                ] + DocumentedParameter.paging(sortedBy: ManagementAPI.notificationSortFields),
                .ok("NotificationList", "One page.")),
            DocumentedRoute(
                "POST", "/api/v1/notifications/{id:uuid}/read", id: "markNotificationRead",
                .token(.markNotifications), "Mark a notification as read",
                .ok("Notification", "The notification, read.")),
            DocumentedRoute(
                "POST", "/api/v1/notifications/read-all", id: "markAllNotificationsRead", .token(.markNotifications),
                "Mark all notifications as read", .ok("MarkedNotifications", "None is unread.")),
        ])

    static let summaries = DocumentedGroup(
        name: "Summaries", description: "How it goes, in numbers.",
        routes: [
            DocumentedRoute(
                "GET", "/api/v1/metrics/summary", id: "getSummary", .token(.readEvents), "Sum up a period",
                details: """
                    Of the events that were accepted in the period, how many are in which status now, how many \
                    attempts they took, and how long it was from accept to delivery. The numbers are exact, but for \
                    latencies, which are at most 10 % off. Processing is counted as Pending, or as WaitingRetry if an \
                    attempt failed before. The period is widened to whole buckets, and buckets without events are \
                    left out.
                    """,
                query: [
                    .time("From", "Start; a day before the end if not given."),
                    .time("To", "End; now if not given."),
                    DocumentedParameter(
                        name: "BucketSeconds",
                        description: "A multiple of 300; of 3600 for what is more than 26 hours ago.",
                        schema: [
                            "type": "integer", "minimum": 300, "maximum": 2_678_400, "multipleOf": 300,
                            "default": 3_600,
                        ]),
                    DocumentedParameter(
                        name: "DestinationId", description: "Only events for this destination.",
                        schema: ["type": "string", "format": "uuid"]),
                    DocumentedParameter(
                        name: "ByDestination", description: "Also sum up each destination.",
                        schema: ["type": "boolean", "default": false]),
                ],
                .ok("Summary", "The summary."),
                .empty(404, "There is no such destination."))
        ])
}
