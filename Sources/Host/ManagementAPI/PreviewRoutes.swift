import Domain
import HTTPServer
import JSON
import Ports

/// `POST /senders/{id}/mapping/preview`
struct MappingPreview: Input {
    /// As it was sent; nil: the sender's own.
    let mapping: [UInt8]?
    let payload: [UInt8]

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        mapping = try body.object("mapping") == nil ? nil : request.slice("mapping")
        if let mapping { try checkMappingLength(mapping.count, request.limits) }
        payload = try request.payload(body)
    }
}

/// `POST /plugins/transformers/{name}/preview`
struct PluginPreview: Input {
    let settings: [UInt8]
    let payload: [UInt8]

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        settings = try body.object("settings") == nil ? Array("{}".utf8) : request.slice("settings")
        payload = try request.payload(body)
    }
}

extension RequestReader {
    /// The value of a member of the body as it was sent, byte for byte. The body is an object and has the member.
    fileprivate func slice(_ name: String) throws(Refusal) -> [UInt8] {
        guard let members = try? JSONSlices.members(of: request.body, depthLimit: limits.jsonDepth),
            let range = members.last(where: { $0.name.isExactlyIgnoringCase(name) })?.value
        else { throw .invalid("\(name) is required") }
        return Array(request.body[range])
    }

    /// The member `payload`, an object, as it was sent: positions in errors count from its first byte.
    func payload(_ body: RequestBody) throws(Refusal) -> [UInt8] {
        guard try body.object("payload") != nil else { throw .invalid("payload is required") }
        return try slice("payload")
    }
}

// Trying transformers. Nothing is stored or sent.
extension ManagementAPI {
    var previewRoutes: [Route] {
        [
            route(
                "POST", "/api/v1/senders/{id:uuid}/mapping/preview", .previewTransformers, MappingPreview.self,
                previewMapping),
            route(
                "POST", "/api/v1/plugins/transformers/{name}/preview", .previewTransformers, PluginPreview.self,
                previewPlugin),
        ]
    }

    @Sendable private func previewMapping(
        _ call: Call, _ caller: Caller, _ input: MappingPreview
    ) throws -> HTTPResponse {
        let stored = try ownSender(call, caller).mapping
        guard let mapping = input.mapping ?? stored else { throw Refusal.notFound("the sender has no mapping") }
        let transformer = SenderRecord.mappingTransformer
        return try answer(previews.run(transformer, settings: mapping, payload: input.payload, for: caller.tenantID))
    }

    @Sendable private func previewPlugin(
        _ call: Call, _ caller: Caller, _ input: PluginPreview
    ) throws -> HTTPResponse {
        let name = call.request.parameters["name"] ?? ""
        guard catalog.components.contains(where: { $0.kind == .transformer && $0.name.isExactly(name) }) else {
            throw Refusal.notFound("there is no transformer of this name")
        }
        return try answer(previews.run(name, settings: input.settings, payload: input.payload, for: caller.tenantID))
    }

    /// What a transformer says about a payload is the answer, be it an error.
    private func answer(_ answer: TransformerPreview.Answer) throws -> HTTPResponse {
        switch answer {
        case .busy:
            throw Refusal(
                status: 503, sentence: "too many previews run at this moment", retryAfter: .seconds(1))
        case .made(let output):
            return .json(
                200,
                [
                    "result": .string(String(decoding: output.bytes, as: UTF8.self)),
                    "contentType": .text(output.contentType), "error": .null,
                ])
        case .failed(let fault, let stage):
            let error: JSONValue = [
                "in": .string(stage.rawValue), "cause": .string(fault.cause.rawValue),
                "message": .string(fault.sentence), "position": fault.position.map { .count($0) } ?? .null,
            ]
            return .json(200, ["result": .null, "contentType": .null, "error": error])
        }
    }
}
