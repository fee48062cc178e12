import Domain
import Testing

@testable import RabbitBroker

@Suite("Broker URL")
struct BrokerURLTests {
    @Test(
        "A URL gives host, port, virtual host, credentials and transport",
        arguments: [
            ("amqp://guest:guest@127.0.0.1:5673/%2f", "127.0.0.1", Int32(5673), "guest", "guest", "/", false),
            ("amqp://u%40x:p%3Aw@broker.example/hooks", "broker.example", 5672, "u@x", "p:w", "hooks", false),
            ("amqps://a:b@h/", "h", 5671, "a", "b", "", true),
            ("amqp://localhost", "localhost", 5672, "guest", "guest", "/", false),
        ])
    func parts(
        text: String, host: String, port: Int32, user: String, password: String, vhost: String, tls: Bool
    ) throws {
        let url = try BrokerURL(text)
        #expect(url.host == host && url.port == port)
        #expect(url.user == user && url.password == password)
        #expect(url.virtualHost == vhost && url.usesTLS == tls)
    }

    @Test("Anything else is refused, and the refusal tells no password", arguments: ["", "http://h", "amqp://a:secret@h:x/"])
    func refused(text: String) {
        #expect { try BrokerURL(text) } throws: { error in
            guard let error = error as? BrokerError else { return false }
            return error.scope == .configuration && !error.sentence.contains("secret")
        }
    }
}

@Suite("Reconnect delay")
struct ReconnectDelayTests {
    @Test("It doubles from 100 ms to 5 s")
    func doubles() {
        var delay = ReconnectDelay()
        let delays = (0..<9).map { _ in delay.next(afterConnectionOf: nil, chance: 1).inMilliseconds }
        #expect(delays == [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
    }

    @Test("Chance takes up to half of it")
    func chance() {
        var delay = ReconnectDelay()
        #expect(delay.next(afterConnectionOf: nil, chance: 0) == .milliseconds(50))
        #expect(delay.next(afterConnectionOf: nil, chance: 0.5) == .milliseconds(150))
    }

    @Test("Only a connection that lasted starts it anew")
    func lasted() {
        var delay = ReconnectDelay()
        for _ in 0..<4 { _ = delay.next(afterConnectionOf: .milliseconds(20), chance: 1) }
        #expect(delay.next(afterConnectionOf: .seconds(1), chance: 1) == .milliseconds(1_600))
        #expect(delay.next(afterConnectionOf: .seconds(60), chance: 1) == .milliseconds(100))
    }
}

@Suite("Incoming message")
struct IncomingMessageTests {
    private func add(_ bytes: [UInt8], to message: inout IncomingMessage) -> IncomingMessage.Progress {
        bytes.withUnsafeBytes { message.add($0) }
    }

    @Test("One piece is the whole; several are gathered in order")
    func pieces() {
        var message = IncomingMessage(tag: 1, redelivered: false)
        _ = message.header(bodyBytes: 4)
        guard case .whole = add([1, 2, 3, 4], to: &message) else { return #expect(Bool(false), "one piece was copied") }
        message = IncomingMessage(tag: 2, redelivered: false)
        _ = message.header(bodyBytes: 4)
        guard case .more = add([1, 2], to: &message) else { return #expect(Bool(false), "half was taken for all") }
        guard case .gathered(let body) = add([3, 4], to: &message) else { return #expect(Bool(false), "not complete") }
        #expect(body == [1, 2, 3, 4])
    }

    @Test("An empty body is complete with its header")
    func empty() {
        var message = IncomingMessage(tag: 1, redelivered: false)
        let isComplete = message.header(bodyBytes: 0)
        #expect(isComplete)
        message = IncomingMessage(tag: 2, redelivered: false)
        let isCompleteToo = message.header(bodyBytes: 1)
        #expect(!isCompleteToo)
    }

    @Test("A body beyond the limit is counted to its end and not kept")
    func tooLong() {
        var message = IncomingMessage(tag: 1, redelivered: false)
        let piece = makePayload(bytes: 1 << 20)
        _ = message.header(bodyBytes: IncomingMessage.bodyBytesMax + UInt64(piece.count))
        for _ in 0..<32 {
            guard case .more = add(piece, to: &message) else { return #expect(Bool(false), "it ended too early") }
        }
        guard case .tooLong = add(piece, to: &message) else { return #expect(Bool(false), "it was kept") }
    }
}

@Suite("Topology")
struct TopologyTests {
    @Test("Queues are numbered with two digits, routing keys are the bare number")
    func names() {
        let topology = Topology(shardCount: 100)
        #expect(topology.shards.count == 100)
        #expect(topology.queue(of: Shard(7)) == "hooksentry.shard.07")
        #expect(topology.queue(of: Shard(42)) == "hooksentry.shard.42")
        #expect(topology.routingKey(of: Shard(7)) == "7")
    }
}
