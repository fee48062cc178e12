import Glibc
import HTTPServer
import Telemetry
import Testing
import Threading

/// Runs a server on a free port for the time of `body`.
func withServer(
    _ routes: [Route], _ change: (inout HTTPServer.Configuration) -> Void = { _ in },
    _ body: (HTTPServer) throws -> Void
) throws {
    let server = try makeServer(routes, change)
    defer { server.stop(grace: .seconds(5)) }
    try body(server)
}

func makeServer(_ routes: [Route], _ change: (inout HTTPServer.Configuration) -> Void = { _ in }) throws -> HTTPServer {
    var configuration = HTTPServer.Configuration()
    configuration.metrics = Metrics()
    change(&configuration)
    let server = HTTPServer(configuration: configuration, routes: routes)
    try server.start()
    return server
}

/// Answers 200 with the body it got.
let echo = Route(
    "POST", "/echo",
    .inline { request, responder in
        responder.respond(HTTPResponse(status: 200, body: request.body))
    })

func text(_ text: String, status: Int = 200) -> HTTPResponse { HTTPResponse(status: status, body: Array(text.utf8)) }

/// Something one thread leaves for another to wait for.
final class Signal<Value: Sendable>: Sendable {
    private let mailbox = Mailbox<Value>()

    func set(_ value: Value) { mailbox.post(value) }

    /// Nil if nothing comes within ten seconds. Takes the value.
    func wait() -> Value? { mailbox.takeAll(until: .now + .seconds(10)).first }
}
