// Bulk replays, and transformers by themselves.

extension DocumentedGroup {
    static let replays = DocumentedGroup(
        name: "Bulk replays",
        description: "Jobs that deliver failed events again, at a rate, whatever happens to the node that is at it.",
        examples: ["id": "3c9f8e7d-6a5b-4c4d-8e3f-2a1b0c9d8e7f"],
        routes: [
            DocumentedRoute(
                "POST", "/api/v1/replays", id: "createReplay", .token(.replayEvents), "Replay many events",
                details: """
                    Those of the tenant that have failed for good and fit the filter, the oldest first. Each is looked \
                    at once; of two replays at a time one gets it.
                    """,
                body: .required("NewReplay"),
                .created("Replay", "Made; a worker carries it out."),
                .ok("ReplayCount", "A dry run: so many fit at this moment."),
                .sentence(
                    409, "Too many are under way.",
                    example: "a tenant may have 10 replays that are not finished")),
            DocumentedRoute(
                "GET", "/api/v1/replays", id: "listReplays", .token(.readEvents), "List bulk replays",
                query: [.choice("Status", of: "ReplayStatus")]
                    + DocumentedParameter.paging(sortedBy: ManagementAPI.replaySortFields),
                .ok("ReplayList", "One page.")),
            DocumentedRoute(
                "GET", "/api/v1/replays/{id:uuid}", id: "getReplay", .token(.readEvents), "Show a bulk replay",
                .ok("Replay", "The replay and how far it is.")),
            DocumentedRoute(
                "POST", "/api/v1/replays/{id:uuid}/pause", id: "pauseReplay", .token(.replayEvents),
                "Pause a bulk replay", details: "What it has queued already goes on its way.",
                .ok("Replay", "The replay, paused."), finished),
            DocumentedRoute(
                "POST", "/api/v1/replays/{id:uuid}/resume", id: "resumeReplay", .token(.replayEvents),
                "Resume a bulk replay", .ok("Replay", "The replay, running from where it was."), finished),
            DocumentedRoute(
                "POST", "/api/v1/replays/{id:uuid}/cancel", id: "cancelReplay", .token(.replayEvents),
                "Cancel a bulk replay", details: "What it has queued already goes on its way.",
                .ok("Replay", "The replay, over for good."), finished),
        ])

    private static let finished = DocumentedAnswer.sentence(
        409, "It is completed or cancelled.", example: "the replay is finished")

    static let transformers = DocumentedGroup(
        name: "Transformers", description: "Trying what a transformer makes of a payload.",
        examples: ["id": "1f2e3d4c-5b6a-4798-8a9b-0c1d2e3f4a5b", "name": "Mapping"],
        routes: [
            DocumentedRoute(
                "POST", "/api/v1/senders/{id:uuid}/mapping/preview", id: "previewMapping",
                .token(.previewTransformers), "Try a mapping",
                details: "The sender's own, or another one that is not stored. Nothing is delivered.",
                body: .required("MappingPreview"),
                .ok("PreviewAnswer", "What came out, or why nothing did."),
                .sentence(
                    404, "The sender has no mapping and none was sent; the body is empty if there is no such sender.",
                    example: "the sender has no mapping"),
                busy),
            DocumentedRoute(
                "POST", "/api/v1/plugins/transformers/{name}/preview", id: "previewTransformer",
                .token(.previewTransformers), "Try a transformer",
                details: "Any that the installation has loaded, with settings. Nothing is stored or delivered.",
                body: .required("TransformerPreview"),
                .ok("PreviewAnswer", "What came out, or why nothing did."),
                .sentence(404, "It is not loaded.", example: "there is no transformer of this name"), busy),
        ])

    private static let busy = DocumentedAnswer.sentence(
        503, "Too many previews run at this moment, or the server is not available.",
        example: "too many previews run at this moment", headers: ["Retry-After"])
}
