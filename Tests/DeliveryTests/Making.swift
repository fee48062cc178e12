import Domain
import Ports

@testable import Delivery

let noon = Timestamp(seconds: 1_800_000_000)

func makeEvent(
    _ number: UInt64 = 1, destination: UInt64 = 1, payload: String = "{}", verifiedAt: Timestamp = noon,
    mustCheck: Bool = false
) -> HeldEvent {
    HeldEvent(
        item: WorkItem(
            eventID: EventID(high: 7, low: number), tenantID: TenantID(high: 7, low: 1),
            destinationID: DestinationID(high: 7, low: destination), acceptedAt: noon,
            contentType: "application/json", payload: Array(payload.utf8)),
        verifiedAt: verifiedAt, mustCheck: mustCheck)
}

func makeSettings(
    concurrency: Int = 2, status: DestinationStatus = .active, isPaused: Bool = false,
    breaker: BreakerRecord? = nil, openTime: Duration = .seconds(60)
) -> DestinationSettings {
    DestinationSettings(
        id: DestinationID(high: 7, low: 1), tenantID: TenantID(high: 7, low: 1), url: "https://example.test/in",
        status: status, isPaused: isPaused, concurrency: concurrency, settingsVersion: 1, authenticator: nil,
        transformers: [],
        retryPolicy: nil, attemptsMax: 3, breakerOpenTime: openTime, secrets: [], breaker: breaker)
}

extension DestinationQueue.Limit {
    /// So many events of any size.
    static func events(_ count: Int) -> Self { Self(events: count, bytes: .max) }
}

/// A queue whose settings are known.
func makeQueue(_ settings: DestinationSettings = makeSettings()) -> DestinationQueue {
    var queue = DestinationQueue(shard: Shard(0))
    queue.configure(settings)
    return queue
}

extension DestinationQueue {
    /// `next` as a word, so that tables and expectations can be written down.
    mutating func step(at now: Timestamp = noon, checkAfter: Duration = .seconds(15)) -> String {
        switch next(at: now, checkAfter: checkAfter) {
        case .idle: "idle"
        case .loadSettings: "load"
        case .attempt(let event): "attempt \(event.item.eventID.low)"
        case .check(let event): "check \(event.item.eventID.low)"
        case .park(let events, let until):
            "park \(events.map(\.item.eventID.low)) until \(until.map { $0 == .never ? "opened" : "\($0)" } ?? "now")"
        }
    }
}
