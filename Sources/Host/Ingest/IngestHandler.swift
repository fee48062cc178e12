import Domain
import HTTPServer
import JSON
import Ports

/// Checks one request after the other in the contract's order (3.10) and hands it to the batcher.
///
/// The contract looks the idempotency key up before it even classifies the token. Here the key is claimed in the
/// transaction that stores the event, which is what makes two concurrent firsts safe; so a repeat with a bad token
/// hears about the token, not about the earlier event.
struct IngestHandler: Sendable {
    /// What a request brings.
    enum Load { case event, batch }

    let directory: IngestDirectory
    let batcher: AcceptBatcher
    let batches: BatchIngest
    let mappings: SenderMappings
    let jsonDepth: Int
    let metrics: IngestMetrics

    func handle(_ load: Load, _ request: HTTPRequest, _ responder: any Responder) {
        step(load, request, IngestReply(responder: responder, metrics: metrics))
    }

    private enum Decision {
        case answer(IngestAnswer)
        /// Ask the loader, then decide again.
        case load(DirectoryCache.Key)
        case submit(PendingEvent)
        case takeApart(BatchIngest.Order)
    }

    private func step(
        _ load: Load, _ request: HTTPRequest, _ reply: IngestReply,
        fresh: [DirectoryCache.Key: DirectoryCache.Entry] = [:]
    ) {
        switch decide(load, request, reply, fresh) {
        case .answer(let answer): reply.answer(answer)
        case .submit(let event): if let refusal = batcher.submit(event) { reply.answer(refusal) }
        case .takeApart(let order): if let refusal = batches.submit(order) { reply.answer(refusal) }
        case .load(let key):
            directory.load(key) { result in
                switch result {
                case .unavailable: reply.answer(.unavailable)
                // What was just loaded counts for this request even if the cache did not keep it.
                case .loaded(let entry): step(load, request, reply, fresh: fresh.merging([key: entry]) { $1 })
                }
            }
        }
    }

    private func decide(
        _ load: Load, _ request: HTTPRequest, _ reply: IngestReply, _ fresh: [DirectoryCache.Key: DirectoryCache.Entry]
    ) -> Decision {
        guard let secret = request.header("X-Api-Key"), !secret.isEmpty else { return .answer(.unauthorized) }
        let apiKey = DirectoryCache.Key.apiKey(Digest(of: secret))
        guard let holder = fresh[apiKey] ?? directory.cached(apiKey) else { return .load(apiKey) }
        guard case .tenant(let tenant) = holder else { return .answer(.unauthorized) }
        guard request.parameters["tenantId"].flatMap({ TenantID($0) }) == tenant else { return .answer(.forbidden) }

        let text = request.parameters["token"] ?? ""
        if let complaint = IngestRules.complaint(aboutToken: text) { return .answer(.invalid(complaint)) }
        // An empty value counts as none: whoever sends it for every event must not lose all but the first.
        let idempotencyKey = request.header("X-Idempotency-Key").flatMap { $0.isEmpty ? nil : $0 }
        if load == .batch, idempotencyKey != nil {
            return .answer(.invalid("X-Idempotency-Key does not go with a batch: each event may have a key."))
        }
        if let idempotencyKey, let complaint = IngestRules.complaint(aboutIdempotencyKey: idempotencyKey) {
            return .answer(.invalid(complaint))
        }
        if let complaint = IngestRules.complaint(aboutPrefixOf: text) { return .answer(.invalid(complaint)) }
        let token = DirectoryCache.Key.token(Digest(of: text))
        guard let found = fresh[token] ?? directory.cached(token) else { return .load(token) }
        guard case .target(let target) = found else { return .answer(.unknownToken) }
        guard target.tenantID == tenant else { return .answer(.forbidden) }
        guard target.destinationStatus == .active else {
            return .answer(.inactiveDestination(target.destinationStatus))
        }
        guard let contentType = IngestRules.contentType(request.header("Content-Type")) else {
            return .answer(.unsupportedMediaType)
        }
        switch load {
        case .event: return accept(request, reply, target, contentType, idempotencyKey)
        case .batch:
            return .takeApart(
                BatchIngest.Order(request: request, target: target, contentType: contentType, reply: reply))
        }
    }

    private func accept(
        _ request: HTTPRequest, _ reply: IngestReply, _ target: IngestTarget, _ contentType: String,
        _ idempotencyKey: String?
    ) -> Decision {
        do throws(JSONError) {
            guard try JSONScanner.validate(request.body, depthLimit: jsonDepth) == .object else {
                return .answer(.invalid("The body must be a JSON object."))
            }
        } catch {
            return .answer(.invalid("The body is not valid JSON: \(error.sentence) (byte \(error.offset))."))
        }
        var event = PendingEvent(
            reply: .request(reply), target: target, payload: request.body, contentType: contentType,
            traceparent: IngestRules.traceparent(of: request), idempotencyKey: idempotencyKey)
        guard mappings.map(&event) else { return .answer(.unavailable) }
        return .submit(event)
    }
}
