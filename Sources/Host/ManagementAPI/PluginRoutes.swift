import Domain
import HTTPServer
import JSON
import Ports

/// `POST /plugins/{name}/simulate`
struct SimulationInput: Input {
    let settings: JSONObject
    let failures: [RetrySimulation.Failure]
    /// Nil: the tenant's `maxTrys`.
    let attempts: Int?
    let seed: Int

    private static let failuresDefault = [RetrySimulation.Failure(outcome: .httpStatus, httpStatus: 503)]

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.optionalBody()
        settings = try body.object("settings") ?? JSONObject([])
        attempts = try body.integer("attempts")
        seed = try body.integer("seed") ?? 1
        guard seed >= 0 else { throw .invalid("seed must be 0 or more") }
        if let attempts, !(1...RetrySimulation.attemptsLimit).contains(attempts) {
            throw .invalid("attempts must be from 1 to \(RetrySimulation.attemptsLimit)")
        }
        guard let elements = try body.array("failures") else {
            failures = Self.failuresDefault
            return
        }
        guard (1...RetrySimulation.attemptsLimit).contains(elements.count) else {
            throw .invalid("failures must have 1 to \(RetrySimulation.attemptsLimit) elements")
        }
        var read: [RetrySimulation.Failure] = []
        for (index, element) in elements.enumerated() {
            let name = "failures[\(index)]"
            let failure = try RequestBody(element, of: name, prefix: name + ".")
            let outcome = try failure.text("outcome")
            let status = try failure.integer("httpStatus")
            let seconds = try failure.integer("retryAfterSeconds")
            do throws(FailureMistake) {
                read.append(
                    try RetrySimulation.Failure(outcome: outcome, httpStatus: status, retryAfterSeconds: seconds))
            } catch {
                throw .invalid("\(name).\(error.sentence)")
            }
        }
        failures = read
    }
}

extension ManagementAPI {
    var pluginRoutes: [Route] {
        [
            route("GET", "/api/v1/plugins", .readPlugins, listPlugins),
            route("POST", "/api/v1/plugins/{name}/simulate", .simulatePlugins, SimulationInput.self, simulatePolicy),
        ]
    }

    /// What a tenant can choose from. Where libraries lie and their digests are the operator's business.
    @Sendable private func listPlugins(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let components = catalog.components.sorted { ($0.kind.word, $0.name) < ($1.kind.word, $1.name) }
        let items = try components.map { component -> JSONValue in
            [
                "name": .string(component.name), "kind": .string(component.kind.word),
                "version": .string(component.version), "description": .string(component.description),
                "settingsSchema": try JSONValue(parsing: component.settingsSchema),
            ]
        }
        return .json(200, .list(total: items.count, items))
    }

    /// Foreign code, asked many times in a row: on a thread that is not waited for longer than its calls may take.
    @Sendable private func simulatePolicy(
        _ call: Call, _ caller: Caller, _ input: SimulationInput
    ) throws -> HTTPResponse {
        let name = call.request.parameters["name"] ?? ""
        let policies = catalog.components.filter { $0.kind == .retryPolicy }
        guard let component = policies.first(where: { $0.name.isExactly(name) }) else {
            throw Refusal.notFound("there is no retry policy with this name")
        }
        let attempts = try input.attempts ?? tenantAttempts(caller)
        let simulation = RetrySimulation(failures: input.failures, attemptsMax: attempts, seed: UInt64(input.seed))
        let settings = JSONValue.object(input.settings).serialized()
        let patience = limits.pluginCreate + limits.pluginCall
        let outcome = boundedCalls.run("simulate/\(name)/\(caller.tenantID)", within: patience) { [catalog] in
            // What a policy stores (it should store nothing) stays with the tenant.
            Result { () throws(PluginFault) in
                simulation.steps(
                    of: try catalog.makeRetryPolicy(
                        name, settings: settings, storageKey: "simulation/\(caller.tenantID)"))
            }
        }
        switch outcome {
        case .stuck: throw Refusal(status: 504, sentence: "the retry policy \(name) did not come back in time")
        case .finished(.failure(let fault)): throw Refusal(status: 422, sentence: "settings: \(fault.sentence)")
        case .finished(.success(let steps)):
            return .json(
                200,
                [
                    "plugin": .string(name), "version": .string(component.version), "seed": .count(input.seed),
                    "attemptsMax": .count(attempts), "steps": .array(steps.map(\.document)),
                ])
        }
    }

    private func tenantAttempts(_ caller: Caller) throws -> Int {
        guard let tenant = try pool.withStore({ try $0.tenant(caller.tenantID) }) else { throw Refusal.notFound }
        return min(max(1, tenant.maxTrys), RetrySimulation.attemptsLimit)
    }
}

extension RetrySimulation.Step {
    /// As the API shows it; `hooksentry plugin simulate --json` prints the same.
    package var document: JSONValue {
        var delay: JSONValue = .null
        var error: JSONValue = .null
        switch next {
        case .again(let wait): delay = .number("\(wait.inMicroseconds / 1_000)")
        case .fault(let sentence): error = .string(sentence)
        case .giveUp, .attemptsUsedUp: break
        }
        return [
            "attemptNumber": .count(attemptNumber), "outcome": .string(failure.outcome.rawValue),
            "httpStatus": .count(failure.httpStatus),
            "elapsedMs": .number("\(elapsed.inMicroseconds / 1_000)"), "next": .string(next.word), "delayMs": delay,
            "error": error,
        ]
    }
}
