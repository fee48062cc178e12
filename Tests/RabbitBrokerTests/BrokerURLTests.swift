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

    @Test(
        "Anything else is refused, and the refusal tells no password",
        arguments: ["", "http://h", "amqp://a:secret@h:x/"])
    func refused(text: String) {
        #expect { try BrokerURL(text) } throws: { error in
            guard let error = error as? BrokerError else { return false }
            return error.scope == .configuration && !error.sentence.contains("secret")
        }
    }
}
