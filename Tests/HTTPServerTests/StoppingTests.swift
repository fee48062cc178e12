import HTTPServer
import Testing
import Threading

@Suite struct StoppingTests {
    typealias Held = (request: HTTPRequest, responder: any Responder)

    @Test func requestsInFlightFinishAndNewConnectionsAreRefused() throws {
        let mailbox = Mailbox<Held>()
        let server = try makeServer([
            Route("GET", "/late", .inline { request, responder in mailbox.post((request, responder)) })
        ])
        let client = TestClient(port: server.port)
        client.send("GET /late HTTP/1.1\r\nHost: h\r\n\r\n")
        let held = mailbox.takeAll(until: .now + .seconds(10))
        #expect(held.count == 1)
        let stopped = Signal<Bool>()
        let stopper = WorkerThread("test-stop") {
            server.stop(grace: .seconds(10))
            stopped.set(true)
        }
        held[0].responder.respond(text("in time"))
        #expect(client.response()?.body == "in time")
        #expect(stopped.wait() == true)
        #expect(client.isClosedByServer())
        stopper.join()
    }

    @Test func handlersThatOutliveTheGraceAreAnsweredFor() throws {
        let mailbox = Mailbox<Held>()
        let server = try makeServer([
            Route("GET", "/never", .inline { request, responder in mailbox.post((request, responder)) })
        ])
        let clients = (0..<5).map { _ in TestClient(port: server.port) }
        for client in clients { client.send("GET /never HTTP/1.1\r\nHost: h\r\n\r\n") }
        var held: [Held] = []
        while held.count < 5, case let more = mailbox.takeAll(until: .now + .seconds(10)), !more.isEmpty {
            held += more
        }
        #expect(held.count == 5)
        server.stop(grace: .milliseconds(50))
        // The server is gone; a late answer must not touch what it was.
        for (_, responder) in held { responder.respond(text("too late")) }
        for client in clients {
            #expect(client.response()?.status == 503)
            #expect(client.isClosedByServer())
        }
    }

    @Test func anIdleConnectionDoesNotHoldUpStopping() throws {
        let server = try makeServer([echo])
        let client = TestClient(port: server.port)
        #expect(client.post("/echo", body: "x")?.body == "x")
        let began = ContinuousClock.now
        server.stop(grace: .seconds(30))
        #expect(ContinuousClock.now - began < .seconds(10))
        #expect(client.isClosedByServer())
    }

    @Test func stoppingTwiceOrBeforeStartingIsHarmless() throws {
        let idle = HTTPServer(configuration: .init(), routes: [])
        idle.stop(grace: .zero)
        #expect(throws: HTTPServerError.self) { try idle.start() }
        let server = try makeServer([echo])
        server.stop(grace: .zero)
        server.stop(grace: .zero)
    }

    @Test func aBodyThatArrivesWhileTheServerStopsIsNotWaitedForWithoutEnd() throws {
        let server = try makeServer([echo])
        let client = TestClient(port: server.port)
        client.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab")
        let other = TestClient(port: server.port)
        #expect(other.post("/echo", body: "x")?.status == 200)
        let stopped = Signal<Bool>()
        let stopper = WorkerThread("test-stop") {
            server.stop(grace: .milliseconds(100))
            stopped.set(true)
        }
        #expect(other.isClosedByServer())
        client.send("cd")
        #expect(stopped.wait() == true)
        stopper.join()
    }
}
