import Crypto
import Domain
import HTTPServer
import JSON
import Ports

/// `POST /destinations/{destinationId}/senders`
struct NewSender: Input {
    let label: String?

    init(reading request: RequestReader) throws(Refusal) {
        label = try request.body().text("label")
    }
}

/// `PATCH /senders/{id}`
struct SenderChanges: Input {
    let label: Change<String>
    let mapping: Change<JSONObject>

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        label = try body.change("label", body.text)
        mapping = try body.change("mapping", body.object)
    }
}

/// `GET /senders`
struct SenderList: Input {
    let destination: DestinationID?
    let paging: Paging

    init(reading request: RequestReader) throws(Refusal) {
        destination = try request.id("DestinationId")
        paging = try Paging(reading: request)
    }
}

extension ManagementAPI {
    static let senderSortFields = ["id", "label", "createdAt", "updatedAt"]
    private static let unknownDestination = Refusal.notFound("the destination does not exist")

    var senderRoutes: [Route] {
        let ofDestination = "/api/v1/destinations/{destinationId:uuid}/senders"
        let one = "/api/v1/senders/{id:uuid}"
        return [
            route("POST", ofDestination, .changeSenders, NewSender.self, createSender),
            route("GET", ofDestination, .readSenders, Paging.self, listSendersOfDestination),
            route("GET", "/api/v1/senders", .readSenders, SenderList.self, listSenders),
            route("GET", one, .readSenders, showSender),
            route("PATCH", one, .changeSenders, SenderChanges.self, changeSender),
            route("DELETE", one, .changeSenders, deleteSender),
            route("POST", one + "/ingest-token", .changeSenders, rotateSenderToken),
        ]
    }

    @Sendable private func createSender(_ call: Call, _ caller: Caller, _ input: NewSender) throws -> HTTPResponse {
        if let label = input.label { try TextRule.senderLabel.check(label) }
        let destination = try call.id("destinationId", of: Destination.self)
        let now = settings.clock()
        let sender = SenderRecord(
            id: newID(), tenantID: caller.tenantID, destinationID: destination, label: input.label, mapping: nil,
            createdAt: now, updatedAt: now)
        let token = Tokens.make(prefix: "sndr_")
        try pool.withStore { store in
            try requireOwner(
                try store.owner(ofDestination: destination), is: caller, unknown: Self.unknownDestination)
            try store.createSender(sender, tokenHash: SHA256.hash(Array(token.utf8)))
        }
        return .created("/api/v1/senders/\(sender.id)", document(sender, token: token))
    }

    @Sendable private func listSendersOfDestination(
        _ call: Call, _ caller: Caller, _ paging: Paging
    ) throws -> HTTPResponse {
        let destination = try call.id("destinationId", of: Destination.self)
        let page = try pool.withStore { store in
            try requireOwner(
                try store.owner(ofDestination: destination), is: caller, unknown: Self.unknownDestination)
            let query = try paging.query(sortedBy: Self.senderSortFields)
            return try store.senders(of: caller.tenantID, destination: destination, query)
        }
        return .json(200, .list(total: page.total, page.rows.map { document($0) }))
    }

    /// The tenant's, whatever destination they are for.
    @Sendable private func listSenders(_ call: Call, _ caller: Caller, _ input: SenderList) throws -> HTTPResponse {
        let query = try input.paging.query(sortedBy: Self.senderSortFields)
        let page = try pool.withStore { try $0.senders(of: caller.tenantID, destination: input.destination, query) }
        return .json(200, .list(total: page.total, page.rows.map { document($0) }))
    }

    @Sendable private func changeSender(_ call: Call, _ caller: Caller, _ input: SenderChanges) throws -> HTTPResponse {
        if case .set(let label) = input.label { try TextRule.senderLabel.check(label) }
        let id = try call.id("id", of: Sender.self)
        let mapping = input.mapping.map { JSONValue.object($0).serialized() }
        if case .set(let bytes) = mapping { try checkMappingLength(bytes.count, limits) }
        let sender = try pool.withStore { store in
            try requireOwner(try store.owner(ofSender: id), is: caller)
            return try store.updateSender(
                id, of: caller.tenantID, label: input.label.optional, mapping: mapping.optional)
        }
        guard let sender else { throw Refusal.notFound }
        return .json(200, document(sender))
    }

    @Sendable private func showSender(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        .json(200, document(try ownSender(call, caller)))
    }

    @Sendable private func deleteSender(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let id = try call.id("id", of: Sender.self)
        try pool.withStore { store in
            try requireOwner(try store.owner(ofSender: id), is: caller)
            guard try store.deleteSender(id, of: caller.tenantID) else { throw Refusal.notFound }
        }
        return .noContent
    }

    @Sendable private func rotateSenderToken(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let id = try call.id("id", of: Sender.self)
        let token = Tokens.make(prefix: "sndr_")
        try pool.withStore { store in
            try requireOwner(try store.owner(ofSender: id), is: caller)
            let hash = SHA256.hash(Array(token.utf8))
            guard try store.rotateSenderToken(id, of: caller.tenantID, tokenHash: hash) else {
                throw Refusal.notFound
            }
        }
        return .json(200, ["ingestToken": .string(token)])
    }

    func ownSender(_ call: Call, _ caller: Caller) throws -> SenderRecord {
        let id = try call.id("id", of: Sender.self)
        return try pool.withStore { store in
            try requireOwner(try store.owner(ofSender: id), is: caller)
            guard let sender = try store.sender(id, of: caller.tenantID) else { throw Refusal.notFound }
            return sender
        }
    }

    /// token: shown once, when the sender is created.
    func document(_ sender: SenderRecord, token: String? = nil) -> JSONValue {
        var document = JSONObject([
            ("id", .id(sender.id)), ("destinationId", .id(sender.destinationID)), ("tenantId", .id(sender.tenantID)),
            ("label", .text(sender.label)), ("hasMapping", .bool(sender.mapping != nil)),
        ])
        if let token { document.members.append(("ingestToken", .string(token))) }
        document.members.append(("createdAt", .time(sender.createdAt)))
        document.members.append(("updatedAt", .time(sender.updatedAt)))
        return .object(document)
    }
}
