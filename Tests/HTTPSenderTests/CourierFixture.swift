import Domain
import HTTPSender
import Ports
import Threading

/// A running courier that may reach loopback, and the results it has given.
final class CourierFixture: Sendable {
    let courier: CurlCourier
    private let results = Mailbox<CourierResult>()

    init(opened: [String] = ["127.0.0.0/8"], allowHTTP: Bool = true, responseBodyBytes: Int = 64 << 10) {
        var limits = Limits()
        limits.responseBodyBytes = responseBodyBytes
        courier = CurlCourier(
            policy: AddressPolicy(opened: opened.compactMap { AddressRange($0) }), limits: limits, allowHTTP: allowHTTP)
        courier.start()
    }

    func send(_ requests: [CourierRequest]) {
        courier.send(requests) { [results] in results.post(contentsOf: $0) }
    }

    /// Up to `count` results, fewer if they do not come within 20 s.
    func take(_ count: Int) -> [CourierResult] {
        let deadline = ContinuousClock.now + .seconds(20)
        var taken: [CourierResult] = []
        while taken.count < count, ContinuousClock.now < deadline { taken += results.takeAll(until: deadline) }
        return taken
    }

    func perform(_ request: CourierRequest) -> CourierResult? {
        send([request])
        return take(1).first
    }
}

func makeRequest(
    _ url: String, token: UInt64 = 1, method: String = "POST", headers: [HeaderField] = [],
    body: String = #"{"a":1}"#, connectTimeout: Duration = .seconds(5), totalTimeout: Duration = .seconds(10),
    kept: Int = 4_096
) -> CourierRequest {
    CourierRequest(
        token: token, method: method, url: url, headers: headers, body: Array(body.utf8),
        connectTimeout: connectTimeout, totalTimeout: totalTimeout, responseBodyKept: kept)
}

/// Runs a server with this behaviour and a courier that may reach it, and stops both.
func withServer(
    responseBodyBytes: Int = 64 << 10, _ behaviour: @escaping @Sendable (ReceivedRequest, ServerConnection) -> Void,
    _ test: (LoopbackServer, CourierFixture) throws -> Void
) throws {
    let server = try LoopbackServer(behaviour)
    let fixture = CourierFixture(responseBodyBytes: responseBodyBytes)
    defer {
        fixture.courier.stop()
        server.stop()
    }
    try test(server, fixture)
}

extension CourierResult {
    var status: Int? {
        guard case .response(let status, _, _, _, _) = answer else { return nil }
        return status
    }

    var body: String? {
        guard case .response(_, _, let body, _, _) = answer else { return nil }
        return String(decoding: body, as: UTF8.self)
    }

    var outcome: OutcomeClass? {
        guard case .failure(let outcome, _) = answer else { return nil }
        return outcome
    }

    var sentence: String? {
        guard case .failure(_, let sentence) = answer else { return nil }
        return sentence
    }
}
