import Domain
import HTTPServer
import JSON

/// Why a request is not carried out: a status, and a sentence where the contract has one (api.md 1.5). The
/// sentence is the whole document, as a JSON string; without one the body is empty.
struct Refusal: Error, Sendable {
    var status: Int
    var sentence: String?
    /// A word for programs; the body is then an object of this and the sentence.
    var code: String?
    /// Sent as `Retry-After`, in whole seconds, at least one.
    var retryAfter: Duration?

    static let unauthorized = Refusal(status: 401)
    static let forbidden = Refusal(status: 403)
    static let notFound = Refusal(status: 404)
    static let unsupportedMediaType = Refusal(status: 415)

    static func notFound(_ sentence: String) -> Refusal { Refusal(status: 404, sentence: sentence) }
    static func invalid(_ sentence: String) -> Refusal { Refusal(status: 400, sentence: sentence) }
    static func conflict(_ sentence: String) -> Refusal { Refusal(status: 409, sentence: sentence) }

    static func tooMany(_ sentence: String? = nil, retryAfter: Duration) -> Refusal {
        Refusal(status: 429, sentence: sentence, retryAfter: retryAfter)
    }

    static let lastOwner = Refusal(
        status: 409, sentence: "a tenant must keep at least one active Owner", code: "last_owner")

    var response: HTTPResponse {
        var response = HTTPResponse(status: status)
        if let sentence {
            let document: JSONValue =
                code.map { ["error": .string($0), "message": .string(sentence)] } ?? .string(sentence)
            response = .json(status, document)
        }
        if let retryAfter { response.headers.append(("Retry-After", wholeSeconds(retryAfter))) }
        return response
    }
}

/// Rounded up, so that whoever waits this long does not come too early.
func wholeSeconds(_ time: Duration) -> String {
    String(max(1, (time.inMicroseconds + 999_999) / 1_000_000))
}
