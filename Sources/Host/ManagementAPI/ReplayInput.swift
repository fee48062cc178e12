import Domain
import Ports

/// `POST /replays`
struct NewReplay: Input {
    static let eventsMax = 1_000
    static let rateDefault = 50

    let statuses: [EventStatus]
    let destinationID: DestinationID?
    let from: Timestamp?
    let to: Timestamp?
    let events: [EventID]?
    let rate: Int
    let isDryRun: Bool

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        statuses = try Self.statuses(body)
        destinationID = try body.id("destinationId")
        from = try body.time("from")
        to = try body.time("to")
        events = try Self.events(body)
        rate = try body.integer("ratePerSecond") ?? Self.rateDefault
        guard (1...request.limits.replayRate).contains(rate) else {
            throw .invalid("ratePerSecond must be from 1 to \(request.limits.replayRate)")
        }
        isDryRun = try body.boolean("dryRun") ?? false
    }

    /// One, or several in an array; absent: all that can be replayed.
    private static func statuses(_ body: RequestBody) throws(Refusal) -> [EventStatus] {
        guard let value = body.value("status") else { return ReplayFilter.replayable }
        var statuses: [EventStatus] = []
        for element in value.elements ?? [value] {
            let text = element.text ?? element.integer.map { String($0) }
            guard let status = text.flatMap({ EventStatus(contract: $0) }), ReplayFilter.replayable.contains(status)
            else { throw .invalid("status must be CriticalFailure, AuthenticationFailed or an array of them") }
            if !statuses.contains(status) { statuses.append(status) }
        }
        guard !statuses.isEmpty else { throw .invalid("status must not be an empty array") }
        return statuses
    }

    private static func events(_ body: RequestBody) throws(Refusal) -> [EventID]? {
        guard let elements = try body.array("ids") else { return nil }
        guard (1...eventsMax).contains(elements.count) else {
            throw .invalid("ids must have 1 to \(eventsMax) elements")
        }
        var events: [EventID] = []
        for (index, element) in elements.enumerated() {
            guard let id = element.text.flatMap({ EventID($0) }) else { throw .invalid("ids[\(index)] must be a UUID") }
            events.append(id)
        }
        return events
    }
}

/// `GET /replays`
struct ReplayList: Input {
    let status: ReplayStatus?
    let paging: Paging

    init(reading request: RequestReader) throws(Refusal) {
        status = try request.choice("Status")
        paging = try Paging(reading: request)
    }
}

extension RequestBody {
    func id<Of>(_ name: String, of: Of.Type = Of.self) throws(Refusal) -> ID<Of>? {
        guard let text = try text(name) else { return nil }
        guard let id = ID<Of>(text) else { throw .invalid("\(prefix)\(name) must be a UUID") }
        return id
    }

    func time(_ name: String) throws(Refusal) -> Timestamp? {
        guard let text = try text(name) else { return nil }
        guard let time = Timestamp(iso8601: text) else {
            throw .invalid("\(prefix)\(name) must be an ISO 8601 date or time")
        }
        return time
    }
}
