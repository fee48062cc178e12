import Domain
import HTTPServer
import JSON

// How answers are written: members in the contract's order, nulls included, times in UTC with milliseconds.

extension HTTPResponse {
    static let noContent = HTTPResponse(status: 204)

    /// No cache may keep what is a tenant's own, tokens and secrets among it (RFC 9111, section 5.2.2.5).
    static func json(_ status: Int, _ document: JSONValue) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store")],
            body: document.serialized())
    }

    static func created(_ location: String, _ document: JSONValue) -> HTTPResponse {
        var response = json(201, document)
        response.headers.append(("Location", location))
        return response
    }

    /// A fault of ours (RFC 9457): nothing of the cause, but the id under which the log has it.
    static func problem(_ status: Int, _ title: String, detail: String, request: String) -> HTTPResponse {
        let document: JSONValue = [
            "title": .string(title), "status": .count(status), "detail": .string(detail), "requestId": .string(request),
        ]
        return HTTPResponse(
            status: status, headers: [("Content-Type", "application/problem+json; charset=utf-8")],
            body: document.serialized())
    }
}

extension JSONValue {
    static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    static func time(_ time: Timestamp?) -> JSONValue { time.map { .string($0.description) } ?? .null }
    static func id<Of>(_ id: ID<Of>?) -> JSONValue { id.map { .string($0.description) } ?? .null }
    static func count(_ number: Int) -> JSONValue { .number(String(number)) }

    /// The envelope of every list.
    static func list(total: Int, _ items: [JSONValue]) -> JSONValue { ["total": .count(total), "items": .array(items)] }
}
