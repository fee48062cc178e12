import Crypto
import Domain
import HTTPServer
import Ports

/// One request on its way through a handler, after its form has been checked.
struct Call {
    let request: HTTPRequest

    /// A placeholder of the route that the router has seen to be a UUID.
    func id<Of>(_ name: String, of: Of.Type = Of.self) throws(Refusal) -> ID<Of> {
        guard let id = request.parameters[name].flatMap({ ID<Of>($0) }) else { throw .notFound }
        return id
    }
}

extension ManagementAPI {
    /// A route for holders of an access token. In this order: token (401), form of query and body (400, 415), role
    /// (403), then the handler.
    func route<Reading: Input>(
        _ method: String, _ pattern: String, _ operation: Operation, _ input: Reading.Type,
        _ answer: @escaping @Sendable (Call, Caller, Reading) throws -> HTTPResponse
    ) -> Route {
        blockingRoute(method, pattern, isSafe: operation.isTrial ? true : nil) { request in
            let caller = try authenticate(request)
            guard turns.begin(caller.tenantID) else { return tooMany(request) }
            defer { turns.end(caller.tenantID) }
            let input = try Reading(reading: RequestReader(request: request, limits: limits))
            guard operation.roles.contains(caller.role) else { throw Refusal.forbidden }
            return try answer(Call(request: request), caller, input)
        }
    }

    func route(
        _ method: String, _ pattern: String, _ operation: Operation,
        _ answer: @escaping @Sendable (Call, Caller) throws -> HTTPResponse
    ) -> Route {
        route(method, pattern, operation, NoInput.self) { call, caller, _ in try answer(call, caller) }
    }

    /// A route for anyone.
    func openRoute<Reading: Input>(
        _ method: String, _ pattern: String, _ input: Reading.Type,
        _ answer: @escaping @Sendable (Call, Reading) throws -> HTTPResponse
    ) -> Route {
        blockingRoute(method, pattern) { request in
            try answer(Call(request: request), Reading(reading: RequestReader(request: request, limits: limits)))
        }
    }

    /// A route for anyone that waits for nothing: it is answered however busy the others are.
    func readyRoute(
        _ method: String, _ pattern: String, _ answer: @escaping @Sendable (Call, NoInput) throws -> HTTPResponse
    ) -> Route {
        Route(
            method, pattern, bodyLimit: limits.managementBodyBytes,
            .inline { request, responder in
                responder.respond(
                    response(to: request, on: pattern) { request in
                        try answer(
                            Call(request: request), NoInput(reading: RequestReader(request: request, limits: limits)))
                    })
            })
    }

    private func blockingRoute(
        _ method: String, _ pattern: String, isSafe: Bool? = nil,
        _ answer: @escaping @Sendable (HTTPRequest) throws -> HTTPResponse
    ) -> Route {
        Route(
            method, pattern, bodyLimit: limits.managementBodyBytes, isSafe: isSafe,
            .blocking { response(to: $0, on: pattern, answer) })
    }

    /// What `answer` says, or what the error that it throws means to the caller.
    private func response(
        to request: HTTPRequest, on pattern: String, _ answer: (HTTPRequest) throws -> HTTPResponse
    ) -> HTTPResponse {
        do {
            return try answer(request)
        } catch let refusal as Refusal {
            return refusal.response
        } catch {
            return fault(error, request, on: pattern)
        }
    }

    private func tooMany(_ request: HTTPRequest) -> HTTPResponse {
        comeBack(
            "\(limits.managementRequestsPerTenant) requests of the tenant are being answered; please try again.",
            request)
    }

    /// What the caller hears of an error that is not his: an unavailable store asks him to come back, everything else
    /// is ours and is logged under the request's id; with the route and not the path, which may hold a token.
    private func fault(_ error: any Error, _ request: HTTPRequest, on pattern: String) -> HTTPResponse {
        if case StoreError.unavailable = error {
            // The store's own connections say so once when it goes away; a line for each request would bury that.
            log.debug("the store is not available", ["request": request.id])
            return comeBack("The database cannot be reached at the moment; please try again.", request)
        }
        if let fault = error as? PluginFault, fault.cause == .unavailable {
            return comeBack(fault.sentence, request, after: fault.retryAfter ?? .seconds(1))
        }
        let reason = (error as? StoreError)?.sentence ?? String(describing: error)
        log.error(
            "a request failed",
            ["request": request.id, "method": request.method, "route": pattern, "reason": reason])
        return .problem(
            500, "Internal Server Error", detail: "The request could not be carried out; the log has the reason.",
            request: request.id)
    }

    private func comeBack(
        _ reason: String, _ request: HTTPRequest, after delay: Duration = .seconds(1)
    ) -> HTTPResponse {
        var response = HTTPResponse.problem(503, "Service Unavailable", detail: reason, request: request.id)
        response.headers.append(("Retry-After", "\(max(1, delay.components.seconds))"))
        return response
    }

    /// The tenancy order of api.md 1.6: an unknown row is 404, somebody else's 403. Never reads more than the owner.
    func requireOwner(_ owner: TenantID?, is caller: Caller, unknown: Refusal = .notFound) throws(Refusal) {
        guard let owner else { throw unknown }
        guard owner == caller.tenantID else { throw .forbidden }
    }
}

/// Names of unique rules in the schema.
enum UniqueRule {
    static let tenantName = "tenants_name_key"
    static let userEmail = "users_email_key"
}

/// Runs a write and turns a broken unique rule into 409 with the sentence for it.
func translatingConflicts<Result>(
    _ sentences: [String: String], _ write: () throws -> Result
) throws -> Result {
    do {
        return try write()
    } catch StoreError.conflict(let constraint) {
        guard let sentence = sentences[constraint] else { throw StoreError.conflict(constraint: constraint) }
        throw Refusal.conflict(sentence)
    }
}
