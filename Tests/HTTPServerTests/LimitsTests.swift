import HTTPServer
import TestSupport
import Testing
import Threading

@Suite struct LimitsTests {
    static let routes = ServingTests.routes

    @Test func aDeclaredBodyThatIsTooLargeIsRefusedBeforeItIsSent() throws {
        try withServer(Self.routes) { server in
            let client = TestClient(port: server.port)
            client.send("POST /small HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n")
            #expect(client.response()?.status == 413)
            #expect(client.isClosedByServer())
            #expect(TestClient(port: server.port).post("/small", body: "12345678")?.body == "8")
        }
    }

    @Test func bodiesBeyondWhatMayArriveAtOnceAreRefusedAndOthersGoOn() throws {
        try withServer(Self.routes, { $0.arrivingBytes = 100 }) { server in
            let slow = TestClient(port: server.port)
            let most = String(repeating: "a", count: 90)
            slow.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n" + most)
            let limit = ContinuousClock.now + .seconds(10)
            var refused: TestClient.Response?
            // Until what the slow one sent has arrived.
            while refused?.status != 503, ContinuousClock.now < limit {
                refused = TestClient(port: server.port).post("/echo", body: "0123456789a")
            }
            #expect(refused?.status == 503 && refused?.headers["retry-after"] == "1")
            slow.send("0123456789")
            #expect(slow.response()?.status == 200)
            #expect(TestClient(port: server.port).post("/echo", body: "0123456789a")?.status == 200)
        }
    }

    @Test func aBodyCountsUntilItsRequestIsAnswered() throws {
        let held = Mailbox<any Responder>()
        let hold = Route("POST", "/hold", .inline { _, responder in held.post(responder) })
        try withServer([hold, echo], { $0.arrivingBytes = 100 }) { server in
            let first = TestClient(port: server.port)
            let most = String(repeating: "a", count: 90)
            first.send("POST /hold HTTP/1.1\r\nHost: h\r\nContent-Length: 90\r\n\r\n" + most)
            let responder = try #require(held.takeAll(until: .now + .seconds(10)).first)
            #expect(TestClient(port: server.port).post("/echo", body: "0123456789a")?.status == 503)
            responder.respond(text("done"))
            #expect(first.response()?.status == 200)
            #expect(TestClient(port: server.port).post("/echo", body: "0123456789a")?.status == 200)
        }
    }

    /// Longer than what the kernel takes off the server's hands.
    private static let largeAnswer = 24 << 20
    private static let largeAnswers =
        [("GET", "/large", nil), ("POST", "/do", nil), ("POST", "/try", true)].map { method, path, isSafe in
            Route(
                method, path, isSafe: isSafe,
                .blocking { _ in HTTPResponse(status: 200, body: [UInt8](repeating: 97, count: largeAnswer)) })
        }

    @Test func answersThatNobodyTakesLeaveOthersNoRoomUntilTheyAreTaken() throws {
        try withServer(Self.largeAnswers + [echo], { $0.answerBytes = Self.largeAnswer + 1 }) { server in
            let slow = TestClient(port: server.port)
            slow.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(slow.isReadable(within: 10_000))
            let refused = TestClient(port: server.port).get("/large")
            #expect(refused?.status == 503 && refused?.headers["retry-after"] == "1")
            #expect(TestClient(port: server.port).post("/try", body: "")?.status == 503)
            // What has been done is told, and what is short.
            #expect(TestClient(port: server.port).post("/do", body: "")?.body.utf8.count == Self.largeAnswer)
            #expect(TestClient(port: server.port).post("/echo", body: "a")?.body == "a")
            #expect(slow.response()?.body.utf8.count == Self.largeAnswer)
            let limit = ContinuousClock.now + .seconds(10)
            var status = 503
            // Until the server has seen that it is taken.
            while status == 503, ContinuousClock.now < limit {
                status = TestClient(port: server.port).get("/large")?.status ?? 0
            }
            #expect(status == 200)
        }
    }

    @Test func oneAnswerAloneIsSentWhateverTheLimit() throws {
        try withServer(Self.largeAnswers, { $0.answerBytes = 1 }) { server in
            #expect(TestClient(port: server.port).get("/large")?.body.utf8.count == Self.largeAnswer)
        }
    }

    @Test func aChunkedBodyThatGrowsTooLargeIsRefusedAtOnceAndCutOff() throws {
        try withServer(Self.routes) { server in
            let client = TestClient(port: server.port)
            client.send("POST /small HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n")
            let response = try #require(client.response())
            #expect(response.status == 413 && response.headers["x-request-id"]?.count == 13)
            let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 65, count: 65_536) + Array("\r\n".utf8)
            var sent = 0
            while sent < 1_000, client.send(chunk) { sent += 1 }
            #expect(sent < 1_000)
        }
    }

    @Test func headersBeyondTheLimitAreRefused() throws {
        try withServer(Self.routes, { $0.headerBytes = 4_096 }) { server in
            let large = String(repeating: "x", count: 4_096)
            #expect(TestClient(port: server.port).get("/hello/x", headers: "X-Large: \(large)\r\n")?.status == 431)
            let huge = String(repeating: "x", count: 200_000)
            let status = TestClient(port: server.port).get("/hello/x", headers: "X-Huge: \(huge)\r\n")?.status
            #expect(status == nil || status == 431)
            let fits = String(repeating: "x", count: 3_900)
            #expect(TestClient(port: server.port).get("/hello/x", headers: "X-Fits: \(fits)\r\n")?.status == 200)
        }
    }

    @Test(arguments: [
        "\u{1}\u{2}garbage\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /hello/x HTTP/1.1\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
    ])
    func malformedRequestsAreRefusedAndTheConnectionClosed(request: String) throws {
        try withServer(Self.routes) { server in
            let client = TestClient(port: server.port)
            client.send(request)
            if let response = client.response() { #expect((400..<600).contains(response.status)) }
            #expect(client.isClosedByServer())
            #expect(TestClient(port: server.port).get("/hello/x")?.status == 200)
        }
    }

    /// Its time would be a minute.
    @Test(arguments: ["7;", "0000", ""])
    func aChunkWhoseSizeNeverEndsIsCutOffLongBeforeItsTimeIsUp(size: String) throws {
        try withServer(Self.routes, { $0.requestTimeout = .seconds(60) }) { server in
            let client = TestClient(port: server.port)
            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\(size)")
            client.send([UInt8](repeating: 48, count: 1 << 20))
            #expect(client.isClosedByServer())
            #expect(TestClient(port: server.port).get("/hello/x")?.status == 200)
        }
    }

    @Test(arguments: [
        "", "GET /hello/x HTT", "GET /hello/x HTTP/1.1\r\nHost: h\r\n",
        "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab",
    ])
    func aClientThatFallsSilentIsCutOff(request: String) throws {
        try withServer(Self.routes, { $0.requestTimeout = .milliseconds(400) }) { server in
            let client = TestClient(port: server.port)
            client.send(request)
            #expect(client.isClosedByServer())
        }
    }

    @Test func aClientThatDripsHeadersIsCutOffThoughItIsNeverSilent() throws {
        try withServer(Self.routes, { $0.requestTimeout = .milliseconds(400) }) { server in
            let client = TestClient(port: server.port)
            client.send("GET /hello/x HTTP/1.1\r\nX-Slow: ")
            // 800 ms are allowed; a hundred bytes at this pace take two seconds and never fill a limit.
            var drops = 0
            while drops < 500, !client.isReadable(within: 20), client.send("y") { drops += 1 }
            #expect((10..<500).contains(drops))
            #expect(client.isClosedByServer())
        }
    }

    @Test func connectionsOfOneAddressCanBeLimited() throws {
        try withServer(
            Self.routes,
            {
                $0.connectionsPerAddress = 2; $0.threads = 1
            }
        ) { server in
            let first = TestClient(port: server.port)
            let second = TestClient(port: server.port)
            #expect(first.get("/hello/x")?.status == 200 && second.get("/hello/x")?.status == 200)
            #expect(TestClient(port: server.port).isClosedByServer())
        }
    }

    @Test func aFullBlockingQueueAnswers503() throws {
        let gate = Mailbox<Void>()
        let entered = Signal<Bool>()
        let routes = [
            Route(
                "GET", "/wait",
                .blocking { _ in
                    entered.set(true)
                    _ = gate.takeAll(until: .now + .seconds(10))
                    return text("\(gate.isClosed)")
                })
        ]
        try withServer(
            routes,
            {
                $0.blockingThreads = 1; $0.blockingQueue = 1
            }
        ) { server in
            let running = TestClient(port: server.port)
            running.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(entered.wait() == true)
            // One of these waits in the queue; the other finds it full.
            let clients = [TestClient(port: server.port), TestClient(port: server.port)]
            for client in clients { client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n") }
            #expect(eventually { clients.contains { $0.isReadable(within: 1) } })
            let refused = try #require(clients.first { $0.isReadable(within: 0) })
            let response = try #require(refused.response())
            #expect(response.status == 503 && response.headers["retry-after"] == "1")
            gate.close()
            #expect(running.response()?.body == "true")
            #expect(clients.first { $0 !== refused }?.response()?.body == "true")
        }
    }
}
