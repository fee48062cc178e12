import Domain
import HTTPServer
import JSON

/// The answer to a whole batch: one result for each event, in the order of the request.
///
/// `code` is what the event would have been answered with by itself; `status` is the event's, as in an answer to one.
struct BatchAnswer {
    let answers: [IngestAnswer]

    var response: HTTPResponse {
        if let failure = answers.first(where: \.concernsAll) { return failure.response }
        var counts: [Int: Int] = [:]
        var results: [UInt8] = []
        results.reserveCapacity(answers.count * 128)
        for answer in answers {
            counts[answer.code, default: 0] += 1
            if !results.isEmpty { results.append(UInt8(ascii: ",")) }
            append(answer, to: &results)
        }
        let (accepted, duplicates) = (counts[202] ?? 0, counts[200] ?? 0)
        let refused = answers.count - accepted - duplicates
        let head = #"{"accepted":\#(accepted),"duplicates":\#(duplicates),"refused":\#(refused),"results":["#
        return HTTPResponse(
            status: 200, headers: [("Content-Type", "application/json; charset=utf-8")],
            body: Array(head.utf8) + results + Array("]}".utf8))
    }

    private func append(_ answer: IngestAnswer, to results: inout [UInt8]) {
        let response = answer.response
        results.append(contentsOf: #"{"code":\#(response.status),"#.utf8)
        if response.body.first == UInt8(ascii: "{") {
            results.append(contentsOf: response.body.dropFirst())
        } else {
            // A refusal: its body is a JSON string.
            results.append(contentsOf: #""error":"#.utf8)
            results.append(contentsOf: response.body)
            results.append(UInt8(ascii: "}"))
        }
    }
}

extension IngestAnswer {
    fileprivate var code: Int {
        switch self {
        case .accepted: 202
        case .duplicate: 200
        default: response.status
        }
    }

    /// The events of a batch share one commit: if one of them hears this, all do.
    fileprivate var concernsAll: Bool {
        switch self {
        case .unavailable, .overloaded, .failed: true
        case .accepted, .duplicate, .invalid, .tooLong, .unauthorized, .forbidden, .unknownToken,
            .inactiveDestination, .unsupportedMediaType:
            false
        }
    }
}
