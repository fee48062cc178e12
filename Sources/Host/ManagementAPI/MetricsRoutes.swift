import Domain
import HTTPServer
import JSON
import Ports

/// `GET /metrics/summary`
struct SummaryRequest: Input {
    let from: Timestamp?
    let to: Timestamp?
    let bucketSeconds: Int?
    let destinationID: DestinationID?
    let byDestination: Bool

    init(reading request: RequestReader) throws(Refusal) {
        from = try request.time("From")
        to = try request.time("To")
        bucketSeconds = try request.integer("BucketSeconds")
        destinationID = try request.id("DestinationId")
        byDestination = try request.boolean("ByDestination") ?? false
    }

    /// The period in whole buckets, and no more of them than allowed. Without a start, the day before the end; without
    /// an end, the bucket that runs now.
    func period(now: Timestamp, bucketsMax: Int) throws(Refusal) -> EventCountPeriod {
        let detail = EventCountPeriod.detail.components.seconds
        let width = Int64(bucketSeconds ?? 3_600)
        guard width >= detail, width % detail == 0, width <= 31 * 86_400 else {
            throw .invalid("BucketSeconds must be a multiple of \(detail), at most \(31 * 86_400)")
        }
        let end = to ?? now
        let start = from ?? end - .seconds(86_400)
        guard start < end else { throw .invalid("From must be before To") }
        let first = floorDivide(start.seconds, width)
        let last = floorDivide(to.map { ($0.microseconds - 1) / 1_000_000 } ?? now.seconds, width)
        guard last - first < Int64(bucketsMax) else {
            throw .invalid("BucketSeconds must be longer: From to To may have at most \(bucketsMax) buckets")
        }
        let period = EventCountPeriod(
            from: Timestamp(seconds: first * width), to: Timestamp(seconds: (last + 1) * width),
            bucket: .seconds(width))
        if width % 3_600 != 0, period.from < now - EventCountPeriod.detailKept {
            throw .invalid(
                "BucketSeconds must be a multiple of 3600 when From is more than "
                    + "\(EventCountPeriod.detailKept.components.seconds / 3_600) hours ago")
        }
        return period
    }
}

extension ManagementAPI {
    var metricsRoutes: [Route] {
        [route("GET", "/api/v1/metrics/summary", .readEvents, SummaryRequest.self, showSummary)]
    }

    @Sendable private func showSummary(_ call: Call, _ caller: Caller, _ input: SummaryRequest) throws -> HTTPResponse {
        let now = settings.clock()
        let period = try input.period(now: now, bucketsMax: limits.summaryBuckets)
        let tenant = caller.tenantID
        let document: JSONValue = try pool.withStore { store in
            if let destination = input.destinationID {
                try requireOwner(try store.owner(ofDestination: destination), is: caller)
            }
            let buckets = try store.eventCounts(of: tenant, destination: input.destinationID, period)
            let byDestination = try input.byDestination ? store.eventCountsByDestination(of: tenant, period) : nil
            let oldestDue = try store.oldestDue(of: tenant, destination: input.destinationID)
            var total = EventCounts()
            for bucket in buckets { total += bucket.counts }
            return [
                "from": .time(period.from), "to": .time(period.to),
                "bucketSeconds": .count(Int(period.bucket.components.seconds)),
                "countedSince": .time(try store.countedSince()), "oldestDueAt": .time(oldestDue),
                "lagSeconds": .number(oneDecimal(oldestDue.map { max(.zero, now - $0) } ?? .zero)),
                "total": summary(total),
                "buckets": .array(buckets.map { summary($0.counts, of: [("from", .time($0.start))]) }),
                "destinations": byDestination.map { .array(destinations($0, input.destinationID)) } ?? .null,
            ]
        }
        return .json(200, document)
    }

    /// Those with most events first.
    private func destinations(
        _ all: [(destination: DestinationID, counts: EventCounts)], _ wanted: DestinationID?
    ) -> [JSONValue] {
        all.filter { wanted == nil || $0.destination == wanted }
            .sorted { ($0.counts.accepted, $0.destination) > ($1.counts.accepted, $1.destination) }
            .prefix(limits.summaryDestinations)
            .map { summary($0.counts, of: [("destinationId", .id($0.destination))]) }
    }

    private func summary(
        _ counts: EventCounts, of subject: [(name: String, value: JSONValue)] = []
    ) -> JSONValue {
        let ended = counts.succeeded + counts.critical + counts.unauthenticated
        let statuses: JSONValue = [
            EventStatus.pending.name: .count(counts.pending), EventStatus.waitingRetry.name: .count(counts.retrying),
            EventStatus.succeeded.name: .count(counts.succeeded),
            EventStatus.criticalFailure.name: .count(counts.critical),
            EventStatus.authenticationFailed.name: .count(counts.unauthenticated),
            EventStatus.cancelled.name: .count(counts.cancelled),
        ]
        let latency: JSONValue =
            counts.latencies.isEmpty
            ? .null
            : .object(
                JSONObject(
                    [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)].map { name, share in
                        (name, .count(Int((LatencyScale.percentile(share, of: counts.latencies) ?? 0).rounded())))
                    }))
        return .object(
            JSONObject(
                subject + [
                    ("accepted", .count(counts.accepted)), ("byStatus", statuses),
                    ("successRate", ratio(counts.succeeded, ended)), ("attempts", .count(counts.attempts)),
                    ("attemptsPerEvent", ratio(counts.attempts, ended)), ("latencyMs", latency),
                ]))
    }
}

/// To four decimals; null if there is nothing to divide by.
private func ratio(_ part: Int, _ whole: Int) -> JSONValue {
    guard whole > 0 else { return .null }
    return .number(String((Double(part) / Double(whole) * 10_000).rounded() / 10_000))
}

private func oneDecimal(_ time: Duration) -> String {
    String((Double(time.inMilliseconds) / 100).rounded() / 10)
}

private func floorDivide(_ value: Int64, _ by: Int64) -> Int64 {
    value >= 0 ? value / by : (value - by + 1) / by
}
