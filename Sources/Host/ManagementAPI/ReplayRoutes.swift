import Domain
import HTTPServer
import JSON
import Ports

// Bulk replays. The API writes down what is wanted; workers carry it out.
extension ManagementAPI {
    static let replaySortFields = ["createdAt", "id", "status"]

    var replayRoutes: [Route] {
        let one = "/api/v1/replays/{id:uuid}"
        return [
            route("POST", "/api/v1/replays", .replayEvents, NewReplay.self, createReplay),
            route("GET", "/api/v1/replays", .readEvents, ReplayList.self, listReplays),
            route("GET", one, .readEvents, showReplay),
            route("POST", one + "/pause", .replayEvents) { call, caller in try moveReplay(call, caller, to: .paused) },
            route("POST", one + "/resume", .replayEvents) { call, caller in
                try moveReplay(call, caller, to: .running)
            },
            route("POST", one + "/cancel", .replayEvents) { call, caller in
                try moveReplay(call, caller, to: .cancelled)
            },
        ]
    }

    /// A dry run counts and makes nothing.
    @Sendable private func createReplay(_ call: Call, _ caller: Caller, _ input: NewReplay) throws -> HTTPResponse {
        let now = settings.clock()
        let filter = ReplayFilter(
            statuses: input.statuses, destinationID: input.destinationID, from: input.from, to: input.to ?? now,
            events: input.events)
        let matched = try pool.withStore { try $0.countReplayable(of: caller.tenantID, filter) }
        if input.isDryRun {
            return .json(200, .object(JSONObject([("dryRun", true)] + count(matched))))
        }
        let job = ReplayJobRecord(
            id: newID(), tenantID: caller.tenantID, createdBy: caller.userID, filter: filter, rate: input.rate,
            matched: matched, createdAt: now)
        let unfinishedMax = limits.replaysPerTenant
        guard try pool.withStore({ try $0.createReplayJob(job, unfinishedMax: unfinishedMax) }) else {
            throw Refusal.conflict("a tenant may have \(unfinishedMax) replays that are not finished")
        }
        return .created("/api/v1/replays/\(job.id)", document(job))
    }

    @Sendable private func listReplays(_ call: Call, _ caller: Caller, _ input: ReplayList) throws -> HTTPResponse {
        let query = try input.paging.query(sortedBy: Self.replaySortFields)
        let page = try pool.withStore { try $0.replayJobs(of: caller.tenantID, status: input.status, query) }
        return .json(200, .list(total: page.total, page.rows.map(document)))
    }

    @Sendable private func showReplay(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let id = try call.id("id", of: ReplayJob.self)
        let job = try pool.withStore { store in
            try requireOwner(try store.owner(ofReplayJob: id), is: caller)
            return try store.replayJob(id, of: caller.tenantID)
        }
        guard let job else { throw Refusal.notFound }
        return .json(200, document(job))
    }

    /// Once more to where it is already changes nothing; a finished one stays finished.
    private func moveReplay(_ call: Call, _ caller: Caller, to status: ReplayStatus) throws -> HTTPResponse {
        let id = try call.id("id", of: ReplayJob.self)
        let job = try pool.withStore { store in
            try requireOwner(try store.owner(ofReplayJob: id), is: caller)
            return try store.setStatus(status, ofReplayJob: id, of: caller.tenantID)
        }
        guard let job else { throw Refusal.conflict("the replay is finished") }
        return .json(200, document(job))
    }

    private func count(_ matched: Int) -> [(name: String, value: JSONValue)] {
        [("matched", .count(matched)), ("matchedIsExact", .bool(matched < ReplayJobRecord.matchedMax))]
    }

    private func document(_ job: ReplayJobRecord) -> JSONValue {
        let filter: JSONValue = [
            "status": .array(job.filter.statuses.map { .string($0.name) }),
            "destinationId": .id(job.filter.destinationID), "from": .time(job.filter.from),
            "to": .time(job.filter.to), "idCount": job.filter.events.map { .count($0.count) } ?? .null,
        ]
        let members: [(name: String, value: JSONValue)] =
            [
                ("id", .id(job.id)), ("tenantId", .id(job.tenantID)), ("status", .string(job.status.name)),
                ("filter", filter), ("ratePerSecond", .count(job.rate)),
            ] + count(job.matched) + [
                ("replayed", .count(job.replayed)), ("skipped", .count(job.skipped)),
                ("createdBy", .id(job.createdBy)), ("createdAt", .time(job.createdAt)),
                ("updatedAt", .time(job.updatedAt)), ("finishedAt", .time(job.finishedAt)),
            ]
        return .object(JSONObject(members))
    }
}
