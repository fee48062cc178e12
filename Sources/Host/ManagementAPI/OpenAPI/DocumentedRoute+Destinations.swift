// API keys, destinations and their senders.

extension DocumentedGroup {
    static let apiKeys = DocumentedGroup(
        name: "API keys", description: "What your systems post events with. A key opens nothing else.",
        examples: ["id": "9d4c2b1a-0f8e-4d7c-b6a5-4e3d2c1b0a99"],
        routes: [
            DocumentedRoute(
                "POST", "/api/v1/apikeys", id: "createAPIKey", .token(.changeAPIKeys), "Create an API key",
                body: .required("NewAPIKey"),
                .created("CreatedAPIKey", "Created. The key itself is shown this once."),
                .empty(404, "The tenant is gone.")),
            DocumentedRoute(
                "GET", "/api/v1/apikeys", id: "listAPIKeys", .token(.readAPIKeys), "List API keys",
                query: [
                    DocumentedParameter(
                        name: "IsActive", description: "Only those that are, or are not, revoked.",
                        schema: ["type": "boolean"])
                ] + DocumentedParameter.paging(sortedBy: ManagementAPI.apiKeySortFields),
                .ok("APIKeyList", "One page.")),
            DocumentedRoute(
                "DELETE", "/api/v1/apikeys/{id:uuid}", id: "revokeAPIKey", .token(.changeAPIKeys),
                "Revoke an API key", details: "A key that is revoked already is as good as unknown.",
                .ok("APIKey", "The key, not active any more.")),
        ])

    static let destinations = DocumentedGroup(
        name: "Destinations", description: "Where events are delivered, and how.",
        examples: ["id": exampleDestination],
        routes: [
            DocumentedRoute(
                "POST", "/api/v1/destinations", id: "createDestination", .token(.changeDestinations),
                "Create a destination", body: .required("NewDestination"),
                .created("CreatedDestination", "Created. The ingest token is shown this once."),
                .sentence(404, "The tenant is gone.", example: "the tenant does not exist any more")),
            DocumentedRoute(
                "GET", "/api/v1/destinations", id: "listDestinations", .token(.readDestinations),
                "List destinations",
                query: [.choice("Status", of: "DestinationStatus")]
                    + DocumentedParameter.paging(sortedBy: ManagementAPI.destinationSortFields),
                .ok("DestinationList", "One page.")),
            DocumentedRoute(
                "GET", "/api/v1/destinations/{id:uuid}", id: "getDestination", .token(.readDestinations),
                "Show a destination", .ok("Destination", "The destination.")),
            DocumentedRoute(
                "PATCH", "/api/v1/destinations/{id:uuid}", id: "updateDestination", .token(.changeDestinations),
                "Change a destination", details: "Events that waited for it to be active go on at its pace.",
                body: .required("DestinationChanges"),
                .ok("Destination", "The destination as it is now."),
                .sentence(
                    409, "Others changed it at the same time, twice in a row.",
                    example: "the destination is being changed by others at the same time")),
            DocumentedRoute(
                "POST", "/api/v1/destinations/{id:uuid}/ingest-token", id: "rotateDestinationToken",
                .token(.changeDestinations), "Replace the ingest token", details: "The old one is dead at once.",
                .ok("IngestToken", "The new token.")),
            DocumentedRoute(
                "DELETE", "/api/v1/destinations/{id:uuid}", id: "deleteDestination", .token(.changeDestinations),
                "Delete a destination",
                details: """
                    With its senders; all tokens are dead at once. Its events stay listed. An event accepted in the \
                    same moment is cancelled. cancel=true needs a role that may purge the queue.
                    """,
                query: [
                    DocumentedParameter(
                        name: "cancel", description: "What waits is cancelled; without, the call is then refused.",
                        schema: ["type": "boolean", "default": false])
                ],
                .noContent("Deleted."),
                .sentence(
                    409, "Events wait for it or are being delivered.",
                    example: "events wait for the destination; with cancel=true they are cancelled")),
            DocumentedRoute(
                "POST", "/api/v1/destinations/{id:uuid}/pause", id: "pauseDestination", .token(.changeDestinations),
                "Pause deliveries",
                details: """
                    Events are accepted and wait. Attempts that are under way finish; waiting costs none. A pause \
                    that lasts already keeps its time.
                    """,
                .ok("Destination", "The destination, paused.")),
            DocumentedRoute(
                "POST", "/api/v1/destinations/{id:uuid}/resume", id: "resumeDestination",
                .token(.changeDestinations), "Resume deliveries",
                details: "What has waited goes out at the destination's pace.",
                .ok("Destination", "The destination, not paused.")),
            DocumentedRoute(
                "POST", "/api/v1/destinations/{id:uuid}/test", id: "sendTestEvent", .token(.sendTestEvents),
                "Send a test event",
                details: """
                    It goes the way of every event. The event has test: true, and the request to the destination the \
                    header X-HookSentry-Test: true.
                    """,
                body: .optional("TestEvent"),
                DocumentedAnswer(
                    status: 202, description: "Committed.", schema: "AcceptedEvent", headers: ["Location"]),
                .sentence(
                    422, "The destination takes no events.",
                    example: "the destination is Inactive and takes no events"),
                .sentence(
                    429, "Too many test events within a minute.",
                    example: "a destination gets at most 10 test events a minute", headers: ["Retry-After"])),
            DocumentedRoute(
                "DELETE", "/api/v1/queues/{destinationId:uuid}", id: "purgeQueue", .token(.purgeQueue),
                "Cancel all that waits",
                details: """
                    Every event of the destination that is Pending or WaitingRetry becomes Cancelled, for good. \
                    What is being delivered keeps its outcome.
                    """,
                .noContent("Nothing waits any more.")),
        ])

    static let senders = DocumentedGroup(
        name: "Senders", description: "A source of events for one destination, with a token and a mapping of its own.",
        examples: ["id": "1f2e3d4c-5b6a-4798-8a9b-0c1d2e3f4a5b"],
        routes: [
            DocumentedRoute(
                "POST", "/api/v1/destinations/{destinationId:uuid}/senders", id: "createSender",
                .token(.changeSenders), "Create a sender", body: .required("NewSender"),
                .created("CreatedSender", "Created. The ingest token is shown this once."), unknownDestination),
            DocumentedRoute(
                "GET", "/api/v1/destinations/{destinationId:uuid}/senders", id: "listSenders",
                .token(.readSenders), "List the senders of a destination",
                query: DocumentedParameter.paging(sortedBy: ManagementAPI.senderSortFields),
                .ok("SenderList", "One page."), unknownDestination),
            DocumentedRoute(
                "GET", "/api/v1/senders", id: "listAllSenders", .token(.readSenders), "List all senders",
                query: [
                    DocumentedParameter(
                        name: "DestinationId", description: "Only those for this destination.",
                        schema: ["type": "string", "format": "uuid"])
                ] + DocumentedParameter.paging(sortedBy: ManagementAPI.senderSortFields),
                .ok("SenderList", "One page.")),
            DocumentedRoute(
                "PATCH", "/api/v1/senders/{id:uuid}", id: "updateSender", .token(.changeSenders), "Change a sender",
                details: "What is left out stays; null removes.", body: .required("SenderChanges"),
                .ok("Sender", "The sender as it is now.")),
            DocumentedRoute(
                "GET", "/api/v1/senders/{id:uuid}", id: "getSender", .token(.readSenders), "Show a sender",
                .ok("Sender", "The sender.")),
            DocumentedRoute(
                "DELETE", "/api/v1/senders/{id:uuid}", id: "deleteSender", .token(.changeSenders), "Delete a sender",
                details: "Its token is dead at once; its events stay.", .noContent("Deleted.")),
            DocumentedRoute(
                "POST", "/api/v1/senders/{id:uuid}/ingest-token", id: "rotateSenderToken", .token(.changeSenders),
                "Replace the ingest token", details: "The old one is dead at once.",
                .ok("IngestToken", "The new token.")),
            DocumentedRoute(
                "POST", "/api/v1/senders/{id:uuid}/mapping", id: "setMapping", .token(.changeSenders),
                "Set the mapping", details: "Replaces whatever mapping there was.", body: .required("Mapping"),
                .ok("MappingAnswer", "The mapping as it was sent.")),
            DocumentedRoute(
                "GET", "/api/v1/senders/{id:uuid}/mapping", id: "getMapping", .token(.readSenders),
                "Show the mapping", .ok("MappingAnswer", "The mapping."),
                .sentence(
                    404, "The sender has no mapping; the body is empty if there is no such sender.",
                    example: "the sender has no mapping")),
            DocumentedRoute(
                "DELETE", "/api/v1/senders/{id:uuid}/mapping", id: "deleteMapping", .token(.changeSenders),
                "Delete the mapping", details: "From then on payloads pass as they come.",
                .noContent("There is no mapping, and perhaps there was none before.")),
        ])

    private static let unknownDestination = DocumentedAnswer.sentence(
        404, "There is no such destination; the body is empty if its id is not a UUID.",
        example: "the destination does not exist")
}
