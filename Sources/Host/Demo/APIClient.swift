import Domain
import HTTPSender
import JSON
import Ports
import Threading

/// Calls the platform's REST API for whoever started this program, one request at a time.
package struct APIClient {
    package struct Answer {
        package var status: Int
        package var headers: [HeaderField]
        package var document: JSONValue

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    package typealias Failure = DemonstrationFailure

    /// Bytes of an answer. One of more is a failure, not half a document.
    static let answerBytesMax = 16 << 20

    let server: String
    private let courier: CurlCourier
    var accessToken = ""

    package init(server: String) {
        self.server = server
        // Where the server is says who calls, not a tenant: it may be anywhere.
        let anywhere = ["0.0.0.0/0", "::/0"].compactMap { AddressRange($0) }
        var limits = Limits()
        limits.responseBodyBytes = Self.answerBytesMax
        courier = CurlCourier(policy: AddressPolicy(opened: anywhere), limits: limits, allowHTTP: true)
        courier.start()
    }

    package func stop() { courier.stop() }

    /// Any answer, whatever its status. body: a JSON document's bytes; empty: none.
    package func send(
        _ method: String, _ path: String, body: [UInt8] = [], headers: [HeaderField] = []
    ) throws(Failure) -> Answer {
        var headers = headers
        if !body.isEmpty { headers.append(HeaderField("Content-Type", "application/json")) }
        if !accessToken.isEmpty { headers.append(HeaderField("Authorization", "Bearer \(accessToken)")) }
        let results = Mailbox<CourierResult>()
        let request = CourierRequest(
            token: 1, method: method, url: server + path, headers: headers, body: body,
            connectTimeout: .seconds(5), totalTimeout: .seconds(30), responseBodyKept: Self.answerBytesMax)
        courier.send([request]) { results.post(contentsOf: $0) }
        switch results.takeAll().first?.answer {
        case .response(_, _, _, _, truncated: true):
            throw Failure(sentence: "\(server)\(path) answered more than \(Self.answerBytesMax) bytes")
        case .response(let status, let headers, let body, _, truncated: false):
            let document = body.isEmpty ? JSONValue.null : (try? JSONValue(parsing: body)) ?? .null
            return Answer(status: status, headers: headers, document: document)
        case .failure(_, let reason):
            throw Failure(sentence: "no answer from \(server): \(reason)")
        case nil:
            throw Failure(sentence: "no answer from \(server)")
        }
    }

    /// The document of an answer that has the expected status.
    func expect(
        _ status: Int, _ method: String, _ path: String, _ body: JSONValue? = nil
    ) throws(Failure) -> JSONValue {
        let answer = try send(method, path, body: body?.serialized() ?? [])
        guard answer.status == status else {
            var sentence = "\(method) \(path) answered \(answer.status)"
            if answer.document != .null { sentence += ": \(answer.document.text ?? answer.document.serializedText())" }
            if let wait = answer.header("Retry-After") { sentence += " (try again in \(wait) s)" }
            throw Failure(sentence: sentence)
        }
        return answer.document
    }
}

/// Something did not go as a client needs it; the sentence says what.
package struct DemonstrationFailure: Error {
    package var sentence: String
}

extension JSONValue {
    /// A text member that has to be there.
    func required(_ name: String) throws(APIClient.Failure) -> String {
        guard let text = members?[name]?.text else {
            throw APIClient.Failure(sentence: "an answer lacks the field \(name): \(serializedText())")
        }
        return text
    }
}
