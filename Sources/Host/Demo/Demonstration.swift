import Crypto
import Glibc
import JSON
import Ports
import Threading

/// Runs every scenario against a server and says whether each expectation held.
package final class Demonstration {
    private static let patience = Duration.seconds(30)

    private var client: APIClient
    private let receiver = DemoReceiver()

    /// What was sent for a scenario, and where.
    private struct Sent {
        var scenario: Scenario
        var ingestURL: String
        var eventID: String
        var at: ContinuousClock.Instant
    }

    /// server: its base URL.
    package init(server: String) { client = APIClient(server: server) }

    package func stop() {
        receiver.stop()
        client.stop()
    }

    /// True if everything went as it should. Prints what a person wants to see, and what is not as it should be.
    package func run() throws(DemonstrationFailure) -> Bool {
        let port = try startReceiver()
        let (tenant, key) = try createTenant()
        print("tenant \(tenant) created; the receiver listens on 127.0.0.1:\(port) and verifies every signature\n")
        var sent: [Sent] = []
        for scenario in Scenario.all(port: port) { sent.append(try send(scenario, tenant, key, port)) }
        var complaints: [String] = []
        var rows = [["EVENT", "DESTINATION", "PLUGIN CHAIN", "ATTEMPTS", "STATUS", "LATENCY"]]
        for one in sent {
            let event = try finalState(of: one.eventID)
            let attempts = try client.expect(200, "GET", "/api/v1/events/\(one.eventID)/attempts")
            rows.append(row(one, event, attempts))
            complaints += check(one, event, attempts).map { "\(one.scenario.title): \($0)" }
        }
        print(table(rows))
        report(complaints, of: sent.count)
        if let first = sent.first { printCurl(first, key) }
        return complaints.isEmpty
    }

    // MARK: - Preparing

    private func startReceiver() throws(APIClient.Failure) -> Int {
        do {
            return try receiver.start()
        } catch {
            throw APIClient.Failure(sentence: "the receiver cannot start: \(error)")
        }
    }

    private func createTenant() throws(APIClient.Failure) -> (id: String, key: String) {
        let tag = Hex.encode(SecureRandom.bytes(4))
        let email = "owner-\(tag)@demo.example"
        let password = Hex.encode(SecureRandom.bytes(12))
        let tenant = try client.expect(
            201, "POST", "/api/v1/tenants",
            [
                "name": .string("Demonstration \(tag)"), "ownerEmail": .string(email),
                "ownerPassword": .string(password),
                "maxTrys": 3,
            ])
        receiver.verify(with: try tenant.required("webhookSecret"))
        let login = try client.expect(
            200, "POST", "/api/v1/auth/login", ["email": .string(email), "password": .string(password)])
        client.accessToken = try login.required("accessToken")
        let key = try client.expect(201, "POST", "/api/v1/apikeys", ["name": "demonstration"])
        return (try tenant.required("tenantId"), try key.required("key"))
    }

    private func send(
        _ scenario: Scenario, _ tenant: String, _ key: String, _ port: Int
    ) throws(APIClient.Failure) -> Sent {
        // Port 9 is the discard service, which no ordinary machine runs.
        let url = scenario.path.map { "http://127.0.0.1:\(port)/hooks/\($0)" } ?? "http://127.0.0.1:9/hooks/none"
        var settings = scenario.settings
        settings.members.append(("url", .string(url)))
        let destination = try client.expect(201, "POST", "/api/v1/destinations", .object(settings))
        var token = try destination.required("ingestToken")
        if let mapping = scenario.mapping {
            let sender = try client.expect(
                201, "POST", "/api/v1/destinations/\(try destination.required("id"))/senders",
                ["label": .string(scenario.title)])
            token = try sender.required("ingestToken")
            _ = try client.expect(200, "POST", "/api/v1/senders/\(try sender.required("id"))/mapping", mapping)
        }
        let path = "/api/v1/ingest/\(tenant)/\(token)"
        let began = ContinuousClock.now
        let answer = try client.send(
            "POST", path, body: Array(scenario.payload.utf8), headers: [HeaderField("X-Api-Key", key)])
        guard answer.status == 202 else {
            throw APIClient.Failure(
                sentence: "ingest answered \(answer.status) \(answer.document.serializedText()) instead of 202")
        }
        return Sent(
            scenario: scenario, ingestURL: client.server + path, eventID: try answer.document.required("eventId"),
            at: began)
    }

    // MARK: - Judging

    private func finalState(of event: String) throws(APIClient.Failure) -> JSONValue {
        let deadline = ContinuousClock.now + Self.patience
        // Waits for the state, a moment between looks.
        let pause = Mailbox<Void>()
        while true {
            let document = try client.expect(200, "GET", "/api/v1/events/\(event)")
            let status = try document.required("status")
            if ["Succeeded", "CriticalFailure", "AuthenticationFailed", "Cancelled"].contains(status) {
                return document
            }
            guard ContinuousClock.now < deadline else {
                throw APIClient.Failure(sentence: "event \(event) is still \(status) after \(Self.patience)")
            }
            _ = pause.takeAll(until: .now + .milliseconds(20))
        }
    }

    private func check(_ sent: Sent, _ event: JSONValue, _ attempts: JSONValue) -> [String] {
        let scenario = sent.scenario
        var complaints: [String] = []
        func expect(_ holds: Bool, _ complaint: @autoclosure () -> String) {
            if !holds { complaints.append(complaint()) }
        }
        let status = event.members?["status"]?.text ?? "unknown"
        expect(status == scenario.status, "is \(status) and should be \(scenario.status)")
        let count = attempts.members?["items"]?.elements?.count ?? 0
        expect(count == scenario.attempts, "took \(count) attempts and should take \(scenario.attempts)")
        let deliveries = receiver.deliveries(of: sent.eventID)
        expect(deliveries.allSatisfy(\.isSigned), "arrived with a signature that does not verify")
        guard scenario.path != nil else { return complaints }
        guard let last = deliveries.last else { return complaints + ["never arrived at the receiver"] }
        expect(
            last.body == Array((scenario.delivered ?? scenario.payload).utf8),
            "arrived as \(String(decoding: last.body, as: UTF8.self))")
        if let header = scenario.header {
            expect(last.headers[header.name] == header.value, "arrived without the right \(header.name) header")
        }
        return complaints
    }

    // MARK: - Showing

    private func row(_ sent: Sent, _ event: JSONValue, _ attempts: JSONValue) -> [String] {
        let items = attempts.members?["items"]?.elements ?? []
        var chain = items.last?.members?["plugins"]?.elements?.compactMap(\.text) ?? []
        if sent.scenario.mapping != nil { chain.insert("Mapping (at the sender)", at: 0) }
        if let policy = sent.scenario.settings["retryPolicy"]?.members?["plugin"]?.text {
            chain.append("retry: \(policy)")
        }
        let latency = receiver.deliveries(of: sent.eventID).last.map { milliseconds($0.at - sent.at) } ?? "-"
        return [
            String(sent.eventID.suffix(12)), sent.scenario.title, chain.isEmpty ? "-" : chain.joined(separator: ", "),
            "\(items.count)", event.members?["status"]?.text ?? "?", latency,
        ]
    }

    private func milliseconds(_ duration: Duration) -> String {
        let tenths = duration.components.seconds * 10_000 + duration.components.attoseconds / 100_000_000_000_000
        return "\(tenths / 10).\(tenths % 10) ms"
    }

    private func report(_ complaints: [String], of count: Int) {
        if complaints.isEmpty {
            print("\nall \(count) events went as they should, every signature verified")
        } else {
            print("\nnot as it should be:")
            for complaint in complaints { print("  \(complaint)") }
        }
    }

    private func printCurl(_ sent: Sent, _ key: String) {
        print(
            """

            send one more:

              curl -i '\(sent.ingestURL)' \\
                -H 'X-Api-Key: \(key)' -H 'Content-Type: application/json' \\
                -d '{"type":"order.created","order":{"id":20418,"total":7.00}}'
            """)
        flushOutput()
    }
}

/// What was printed is there before a wait begins, in a pipe as well.
package func flushOutput() { fflush(nil) }
