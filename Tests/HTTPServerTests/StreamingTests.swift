import HTTPServer
import TestSupport
import Testing
import Threading

@Suite struct StreamingTests {
    private static let request = "GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"

    /// A route that leaves each stream it answers with in the mailbox.
    private func route(_ streams: Mailbox<ResponseStream>) -> Route {
        Route(
            "GET", "/stream",
            .blocking { _ in
                var response = HTTPResponse(status: 200, headers: [("Content-Type", "text/event-stream")])
                let stream = ResponseStream()
                response.stream = stream
                streams.post(stream)
                return response
            })
    }

    private func next(_ streams: Mailbox<ResponseStream>) throws -> ResponseStream {
        try #require(streams.takeAll(until: .now + .seconds(10)).first)
    }

    private func write(_ text: String, to stream: ResponseStream) -> Bool { stream.write(Array(text.utf8)) }

    @Test func whatIsWrittenArrivesAtOnceAndInOrder() throws {
        let streams = Mailbox<ResponseStream>()
        try withServer([route(streams)]) { server in
            let client = TestClient(port: server.port)
            client.send(Self.request)
            let stream = try next(streams)
            #expect(write("one ", to: stream))
            #expect(client.head()?.status == 200)
            #expect(client.chunks(until: "one ") == "one ")
            // By now the connection is suspended.
            #expect(eventually { stream.backlog.bytes == 0 })
            #expect(write("two ", to: stream))
            #expect(write("three", to: stream))
            stream.end()
            #expect(!write("late", to: stream))
            #expect(client.chunks(until: nil) == "two three")
            #expect(eventually { stream.isClosed })
            // The connection can be used again.
            client.send(Self.request)
            let second = try next(streams)
            second.end()
            #expect(client.head()?.status == 200)
            #expect(client.chunks(until: nil)?.isEmpty == true)
        }
    }

    @Test func noThreadOfThePoolIsHeld() throws {
        let streams = Mailbox<ResponseStream>()
        try withServer([route(streams), echo], { $0.blockingThreads = 1 }) { server in
            let clients = (0..<20).map { _ in TestClient(port: server.port) }
            var open: [ResponseStream] = []
            for client in clients {
                client.send(Self.request)
                open.append(try next(streams))
            }
            for stream in open { #expect(write("x", to: stream)) }
            for client in clients {
                #expect(client.head()?.status == 200)
                #expect(client.chunks(until: "x") == "x")
            }
            #expect(TestClient(port: server.port).post("/echo", body: "still here")?.body == "still here")
        }
    }

    @Test func aClientThatLeavesIsNoticedAtTheNextWrite() throws {
        let streams = Mailbox<ResponseStream>()
        try withServer([route(streams)]) { server in
            let client = TestClient(port: server.port)
            client.send(Self.request)
            let stream = try next(streams)
            #expect(write("x", to: stream))
            #expect(client.chunks(until: "x") != nil)
            client.abort()
            #expect(eventually { !write("ping", to: stream) })
            #expect(stream.isClosed)
        }
    }

    @Test func aSlowClientLeavesABacklogAndSlowsNobody() throws {
        let streams = Mailbox<ResponseStream>()
        try withServer([route(streams), echo]) { server in
            let slow = TestClient(port: server.port)
            slow.send(Self.request)
            let stream = try next(streams)
            let block = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
            // More than the kernel's buffers hold.
            #expect(eventually { _ = stream.write(block); return stream.backlog.bytes > 4 << 20 })
            #expect(TestClient(port: server.port).post("/echo", body: "y")?.body == "y")
            #expect(stream.backlog.bytes > 0)
            slow.abort()
            #expect(eventually { stream.isClosed })
            #expect(stream.backlog.bytes == 0)
        }
    }

    @Test func aStreamOutlivesTheTimeoutOfRequests() throws {
        let streams = Mailbox<ResponseStream>()
        try withServer([route(streams)], { $0.requestTimeout = .seconds(1) }) { server in
            let client = TestClient(port: server.port)
            client.send(Self.request)
            let stream = try next(streams)
            #expect(write("one", to: stream))
            #expect(client.chunks(until: "one") != nil)
            // Nothing comes, nor an end, for longer than the watch takes to cut off a slow client.
            #expect(!client.isReadable(within: 2_500))
            #expect(write("two", to: stream))
            #expect(client.chunks(until: "two") == "two")
        }
    }

    @Test(arguments: [true, false])
    func stoppingEndsStreams(isSuspended: Bool) throws {
        let streams = Mailbox<ResponseStream>()
        let server = try makeServer([route(streams)])
        let clients = (0..<10).map { _ in TestClient(port: server.port) }
        for client in clients {
            client.send(Self.request)
            let stream = try next(streams)
            if isSuspended {
                #expect(write("x", to: stream))
                #expect(client.chunks(until: "x") != nil)
                #expect(eventually { stream.backlog.bytes == 0 })
            }
        }
        let began = ContinuousClock.now
        server.stop(grace: .seconds(30))
        #expect(ContinuousClock.now - began < .seconds(10))
        for client in clients { #expect(client.isClosedByServer()) }
    }

    @Test func aHeadRequestGetsNoBody() throws {
        let streams = Mailbox<ResponseStream>()
        try withServer([route(streams)]) { server in
            let client = TestClient(port: server.port)
            #expect(client.get("/stream", method: "HEAD")?.status == 200)
            let stream = try next(streams)
            #expect(eventually { stream.isClosed })
        }
    }
}
