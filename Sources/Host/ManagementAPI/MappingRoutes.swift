import Domain
import HTTPServer
import JSON
import Ports

/// `POST /senders/{id}/mapping`: the whole body is the mapping.
struct MappingInput: Input {
    let mapping: JSONObject
    /// As they were sent: what ingest compiles.
    let bytes: [UInt8]

    init(reading request: RequestReader) throws(Refusal) {
        mapping = try request.body().members
        bytes = request.request.body
        try checkMappingLength(bytes.count, request.limits)
    }
}

func checkMappingLength(_ bytes: Int, _ limits: Limits) throws(Refusal) {
    guard bytes <= limits.pluginSettingsBytes else {
        throw .invalid("mapping must not be longer than \(limits.pluginSettingsBytes) bytes")
    }
}

extension ManagementAPI {
    var mappingRoutes: [Route] {
        let path = "/api/v1/senders/{id:uuid}/mapping"
        return [
            route("POST", path, .changeSenders, MappingInput.self, setMapping),
            route("GET", path, .readSenders, showMapping),
            route("DELETE", path, .changeSenders, deleteMapping),
        ]
    }

    /// Replaces whatever mapping there was.
    @Sendable private func setMapping(_ call: Call, _ caller: Caller, _ input: MappingInput) throws -> HTTPResponse {
        try writeMapping(input.bytes, call, caller)
        return .json(200, ["mapping": .object(input.mapping)])
    }

    @Sendable private func showMapping(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        guard let mapping = try ownSender(call, caller).mapping else {
            throw Refusal.notFound("the sender has no mapping")
        }
        return .json(200, ["mapping": try JSONValue(parsing: mapping, depthLimit: limits.jsonDepth)])
    }

    @Sendable private func deleteMapping(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        try writeMapping(nil, call, caller)
        return .noContent
    }

    private func writeMapping(_ mapping: [UInt8]?, _ call: Call, _ caller: Caller) throws {
        let id = try call.id("id", of: Sender.self)
        try pool.withStore { store in
            try requireOwner(try store.owner(ofSender: id), is: caller)
            guard try store.setMapping(mapping, sender: id, of: caller.tenantID) else { throw Refusal.notFound }
        }
    }
}
