import Telemetry
import TestSupport
import Testing
import Threading

@testable import HTTPServer

@Suite struct LateAnswerTests {
    typealias Held = (request: HTTPRequest, responder: any Responder)

    /// A route whose requests another thread answers.
    private func holding(_ mailbox: Mailbox<Held>) -> Route {
        Route("POST", "/late", .inline { request, responder in mailbox.post((request, responder)) })
    }

    @Test func tenThousandAnswersFromAnotherThreadArrive() throws {
        let mailbox = Mailbox<Held>()
        let answerer = WorkerThread("test-answer") {
            while case let held = mailbox.takeAll(), !held.isEmpty {
                for (request, responder) in held { responder.respond(HTTPResponse(status: 200, body: request.body)) }
            }
        }
        try withServer([holding(mailbox)]) { server in
            let clients = (0..<8).map { _ in TestClient(port: server.port) }
            var right = 0
            for round in 0..<1_250 {
                for (number, client) in clients.enumerated() {
                    let body = "\(round).\(number)"
                    client.send("POST /late HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                }
                for (number, client) in clients.enumerated() where client.response()?.body == "\(round).\(number)" {
                    right += 1
                }
            }
            #expect(right == 10_000)
        }
        mailbox.close()
        answerer.join()
    }

    /// libmicrohttpd's own loops take 128 events at a time, and slept on them when there were exactly as many.
    @Test func asManyRequestsAtOnceAsTheLibraryTakesEventsAreAllServed() throws {
        let gate = Mailbox<Void>()
        let entered = Signal<Bool>()
        let holdTheLoop = Route(
            "GET", "/hold",
            .inline { _, responder in
                entered.set(true)
                _ = gate.takeAll(until: .now + .seconds(10))
                responder.respond(text("held"))
            })
        try withServer([holdTheLoop, echo], { $0.threads = 1 }) { server in
            let clients = (0..<128).map { _ in TestClient(port: server.port) }
            #expect(clients.allSatisfy { $0.post("/echo", body: "known")?.body == "known" })
            let holder = TestClient(port: server.port)
            holder.send("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(entered.wait() == true)
            for client in clients {
                client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx")
            }
            gate.close()
            #expect(holder.response()?.body == "held")
            #expect(clients.allSatisfy { $0.isReadable(within: 5_000) && $0.response()?.body == "x" })
        }
    }

    @Test func aResponderThatIsDroppedAnswers500() throws {
        let mailbox = Mailbox<Held>()
        let routes = [holding(mailbox), Route("GET", "/dropped", .inline { _, _ in })]
        try withServer(routes) { server in
            let client = TestClient(port: server.port)
            #expect(client.get("/dropped")?.status == 500)
            client.send("POST /late HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
            var held = mailbox.takeAll(until: .now + .seconds(10))
            #expect(held.count == 1)
            held = []
            #expect(client.response()?.status == 500)
        }
    }

    @Test func onlyTheFirstAnswerCounts() throws {
        let route = Route(
            "GET", "/twice",
            .inline { _, responder in
                responder.respond(text("first"))
                responder.respond(text("second"))
            })
        try withServer([route]) { server in
            let client = TestClient(port: server.port)
            #expect(client.get("/twice")?.body == "first")
            #expect(client.get("/twice")?.body == "first")
        }
    }

    @Test func aClientThatLeavesWhileItsAnswerIsWorkedOnHurtsNobody() throws {
        let mailbox = Mailbox<Held>()
        let metrics = Metrics()
        try withServer([holding(mailbox), echo], { $0.metrics = metrics }) { server in
            var held: [Held] = []
            for _ in 0..<50 {
                let client = TestClient(port: server.port)
                client.send("POST /late HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi")
                held += mailbox.takeAll(until: .now + .seconds(10))
                client.abort()
            }
            #expect(held.count == 50)
            for (_, responder) in held { responder.respond(text("too late")) }
            #expect(eventually { metrics.exposition().contains("hooksentry_http_connections 0\n") })
            #expect(TestClient(port: server.port).post("/echo", body: "fine")?.body == "fine")
        }
    }

    @Test func nothingOutlivesAStoppedServer() throws {
        let mailbox = Mailbox<Held>()
        // Every exchange, connection and callback context holds the core.
        weak var core: ServerCore?
        do {
            let server = try makeServer([holding(mailbox), echo])
            core = server.core
            let client = TestClient(port: server.port)
            #expect(client.post("/echo", body: "x")?.status == 200)
            let leaver = TestClient(port: server.port)
            for client in [client, leaver] {
                client.send("POST /late HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
            }
            var held: [Held] = []
            while held.count < 2, case let more = mailbox.takeAll(until: .now + .seconds(10)), !more.isEmpty {
                held += more
            }
            leaver.abort()
            for (_, responder) in held { responder.respond(text("ok")) }
            #expect(client.response()?.status == 200)
            #expect(core != nil)
            server.stop(grace: .seconds(5))
        }
        #expect(core == nil)
    }
}
