import Domain
import HTTPServer
import JSON

/// What becomes of a posted event, with the contract's status and body for it.
enum IngestAnswer: Sendable {
    /// 202: committed now.
    case accepted(EventID, acceptedAt: String)
    /// 200: the idempotency key belongs to an earlier event. differs: whose payload was another one.
    case duplicate(EventID, EventStatus, acceptedAt: String, differs: Bool)
    case unauthorized
    case forbidden
    /// The sentence names the rule.
    case invalid(String)
    /// An event of a batch; by itself its body would not even be read.
    case tooLong(String)
    case unknownToken
    case inactiveDestination(DestinationStatus)
    case unsupportedMediaType
    /// The store is away, or the plugin of the sender's mapping.
    case unavailable
    /// Too much waits for a commit.
    case overloaded
    /// The store refused the event.
    case failed

    /// For the metric; a closed list.
    var result: IngestMetrics.Result {
        switch self {
        case .accepted: .accepted
        case .duplicate: .duplicate
        case .unauthorized: .unauthorized
        case .forbidden: .forbidden
        case .invalid, .tooLong: .invalid
        case .unknownToken: .unknownToken
        case .inactiveDestination: .inactiveDestination
        case .unsupportedMediaType: .unsupportedMediaType
        case .unavailable: .unavailable
        case .overloaded: .overloaded
        case .failed: .failed
        }
    }

    var response: HTTPResponse {
        switch self {
        case .accepted(let id, let acceptedAt):
            event(202, id, .pending, acceptedAt)
        case .duplicate(let id, let status, let acceptedAt, let differs):
            event(200, id, status, acceptedAt, differs: differs)
        case .unauthorized: HTTPResponse(status: 401)
        case .forbidden: HTTPResponse(status: 403)
        case .invalid(let sentence): text(400, sentence)
        case .tooLong(let sentence): text(413, sentence)
        case .unknownToken: text(404, "No destination or sender has this ingest token.")
        case .inactiveDestination(let status): text(422, "The destination is \(status.name) and takes no events.")
        case .unsupportedMediaType: HTTPResponse(status: 415)
        case .unavailable: HTTPResponse(status: 503, headers: [("Retry-After", "2")])
        case .overloaded: HTTPResponse(status: 503, headers: [("Retry-After", "1")])
        case .failed: HTTPResponse(status: 500)
        }
    }
}

private let jsonType = (name: "Content-Type", value: "application/json; charset=utf-8")

/// Written out by hand: none of the three values can need an escape, and every accepted event pays for this.
private func event(
    _ code: Int, _ id: EventID, _ status: EventStatus, _ acceptedAt: String, differs: Bool = false
) -> HTTPResponse {
    let id = id.description
    var body: [UInt8] = []
    body.reserveCapacity(128)
    body.append(contentsOf: #"{"eventId":""#.utf8)
    body.append(contentsOf: id.utf8)
    body.append(contentsOf: #"","status":""#.utf8)
    body.append(contentsOf: status.name.utf8)
    body.append(contentsOf: #"","acceptedAt":""#.utf8)
    body.append(contentsOf: acceptedAt.utf8)
    body.append(contentsOf: differs ? #"","payloadDiffers":true}"#.utf8 : #""}"#.utf8)
    return HTTPResponse(status: code, headers: [jsonType, ("Location", "/api/v1/events/" + id)], body: body)
}

/// The contract's error body: a JSON string as the whole document.
private func text(_ code: Int, _ sentence: String) -> HTTPResponse {
    HTTPResponse(status: code, headers: [jsonType], body: JSONValue.string(sentence).serialized())
}
