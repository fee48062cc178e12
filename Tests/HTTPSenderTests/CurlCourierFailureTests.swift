import Domain
import Glibc
import Ports
import Testing

@testable import HTTPSender

@Suite(.serialized) struct CurlCourierFailureTests {
    @Test func `nobody listening is a connect failure that says so`() throws {
        let server = try LoopbackServer { _, _ in }
        server.stop()
        let fixture = CourierFixture()
        defer { fixture.courier.stop() }
        let result = try #require(fixture.perform(makeRequest(server.url)))
        #expect(result.outcome == .connect)
        #expect(result.sentence == "Could not connect to 127.0.0.1:\(server.port): connection refused.")
    }

    @Test func `a silent server is a timeout`() throws {
        try withServer({ _, connection in connection.waitForEnd() }) { server, fixture in
            let result = try #require(fixture.perform(makeRequest(server.url, totalTimeout: .milliseconds(150))))
            #expect(result.outcome == .timeout)
            #expect(result.sentence == "127.0.0.1:\(server.port) did not answer completely within 150 ms.")
            #expect((0.14...5).contains(result.duration.inSeconds))
        }
    }

    @Test(arguments: ["HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", "HTTP/1.1 200 OK\r\n", ""])
    func `an answer that drips is a timeout, whatever part drips`(start: String) throws {
        try withServer({ _, connection in
            connection.write(start)
            while connection.write("x") { usleep(5_000) }
        }) { server, fixture in
            let result = try #require(fixture.perform(makeRequest(server.url, totalTimeout: .milliseconds(300))))
            #expect(result.duration.inSeconds < 5)
            #expect(start.isEmpty ? result.outcome != nil : result.outcome == .timeout)
        }
    }

    @Test func `a reset is a broken connection`() throws {
        try withServer({ _, connection in connection.reset() }) { server, fixture in
            let result = try #require(fixture.perform(makeRequest(server.url)))
            #expect(result.outcome == .protocol)
            #expect(
                result.sentence == "The connection to 127.0.0.1:\(server.port) broke: connection reset by peer.")
        }
    }

    @Test func `a connection closed without a word is a broken one`() throws {
        try withServer({ _, connection in connection.hangUp() }) { server, fixture in
            let result = try #require(fixture.perform(makeRequest(server.url)))
            #expect(result.outcome == .protocol)
            #expect(result.sentence?.contains("closed the connection without an answer") == true)
        }
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "\u{1}\u{2}\u{3}\r\n\r\n", "HTTP/9.9 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ])
    func `garbage is a protocol failure`(answer: String) throws {
        try withServer({ _, connection in
            connection.write(answer)
            connection.hangUp()
        }) { server, fixture in
            let result = try #require(fixture.perform(makeRequest(server.url)))
            #expect(result.outcome == .protocol, "\(result.answer)")
            #expect(result.sentence?.contains("127.0.0.1:\(server.port)") == true)
        }
    }

    enum Flood: CaseIterable {
        case fields, oneLongField, interimAnswers

        var text: String {
            switch self {
            case .fields: "HTTP/1.1 200 OK\r\n" + String(repeating: "X-A: b\r\n", count: 300) + "\r\n"
            case .oneLongField: "HTTP/1.1 200 OK\r\nX-Long: " + String(repeating: "x", count: 40_000) + "\r\n\r\n"
            case .interimAnswers:
                String(repeating: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", count: 2_000)
            }
        }
    }

    @Test(arguments: Flood.allCases)
    func `headers without end are a protocol failure`(flood: Flood) throws {
        try withServer({ _, connection in
            connection.write(flood.text)
            connection.waitForEnd()
        }) { server, fixture in
            let result = try #require(fixture.perform(makeRequest(server.url)))
            #expect(result.outcome == .protocol)
            #expect(result.sentence == "127.0.0.1:\(server.port) sent more headers than are read.")
        }
    }

    @Test func `a name that cannot exist is a DNS failure`() throws {
        let fixture = CourierFixture()
        defer { fixture.courier.stop() }
        let result = try #require(
            fixture.perform(makeRequest("https://does-not-exist.invalid/", totalTimeout: .seconds(15))))
        #expect(result.outcome == .dns)
        #expect(result.sentence?.contains("does-not-exist.invalid") == true)
    }

    @Test func `a slow name does not hold up others`() throws {
        try withServer({ _, connection in connection.answer(200) }) { server, fixture in
            // Whether they fail at once or at the end of their time depends on the resolver at hand.
            fixture.send(
                (0..<50).map {
                    makeRequest("https://n\($0).invalid/", token: 1_000 + UInt64($0), totalTimeout: .seconds(1))
                } + [makeRequest(server.url, token: 1)])
            let results = fixture.take(51)
            let quick = try #require(results.first { $0.token == 1 })
            #expect(quick.status == 200)
            #expect(quick.duration < .seconds(1))
            #expect(results.filter { $0.outcome == .dns }.count == 50)
            // Names given up on must not hold up what comes after them either.
            let elapsed = ContinuousClock().measure { _ = fixture.perform(makeRequest(server.url)) }
            #expect(elapsed < .seconds(1))
            #expect(results.allSatisfy { $0.duration < .seconds(4) })
        }
    }

    @Test func `a TLS handshake that never ends is a connect failure`() throws {
        // It waits for the blank line of a request, which the first bytes of TLS do not hold.
        let server = try LoopbackServer { _, _ in }
        defer { server.stop() }
        let fixture = CourierFixture()
        defer { fixture.courier.stop() }
        let url = "https://127.0.0.1:\(server.port)/"
        let result = try #require(fixture.perform(makeRequest(url, connectTimeout: .milliseconds(200))))
        #expect(result.outcome == .connect)
        #expect(result.sentence == "No connection to 127.0.0.1:\(server.port) within 200 ms.")
    }

    @Test func `an answer that is no TLS is a TLS failure`() throws {
        let server = try LoopbackServer(greeting: "HTTP/1.1 400 Bad Request\r\n\r\n") { _, _ in }
        defer { server.stop() }
        let fixture = CourierFixture()
        defer { fixture.courier.stop() }
        let result = try #require(fixture.perform(makeRequest("https://127.0.0.1:\(server.port)/")))
        #expect(result.outcome == .tls)
        #expect(result.sentence?.hasPrefix("No secure connection to 127.0.0.1:\(server.port): ") == true)
    }

    @Test(arguments: [
        "http://127.0.0.1:%d/", "http://localhost:%d/", "http://127.1:%d/", "http://0x7f000001:%d/",
        "http://2130706433:%d/", "http://[::ffff:127.0.0.1]:%d/", "http://0:%d/",
    ])
    func `a blocked address is refused before any connection`(pattern: String) throws {
        let server = try LoopbackServer { _, connection in connection.answer(200) }
        defer { server.stop() }
        let fixture = CourierFixture(opened: [])
        defer { fixture.courier.stop() }
        let result = try #require(
            fixture.perform(makeRequest(pattern.replacing("%d", with: "\(server.port)"))))
        #expect(result.outcome == .addressBlocked, "\(result.answer)")
        #expect(result.sentence?.contains("was not called") == true)
        #expect(server.connections == 0)
    }

    @Test func `the refusal names address and rule`() throws {
        let fixture = CourierFixture(opened: [])
        defer { fixture.courier.stop() }
        let result = try #require(fixture.perform(makeRequest("https://169.254.169.254/latest/meta-data")))
        #expect(
            result.sentence == "169.254.169.254 was not called: 169.254.169.254 is a link-local address, where cloud"
                + " metadata services live (169.254.0.0/16).")
    }

    @Test func `plain HTTP is refused unless it is allowed`() throws {
        let fixture = CourierFixture(allowHTTP: false)
        defer { fixture.courier.stop() }
        let result = try #require(fixture.perform(makeRequest("http://127.0.0.1:1/")))
        #expect(result.outcome == .addressBlocked)
        #expect(result.sentence == "127.0.0.1:1 was not called: plain HTTP is not allowed here, only HTTPS.")
    }

    @Test func `a failed request leaves nothing behind for the next`() throws {
        let server = try LoopbackServer { _, connection in connection.answer(200) }
        let fixture = CourierFixture()
        defer {
            fixture.courier.stop()
            server.stop()
        }
        for _ in 0..<20 {
            #expect(fixture.perform(makeRequest("http://127.0.0.1:1/"))?.outcome == .connect)
            #expect(fixture.perform(makeRequest("http://10.0.0.1/"))?.outcome == .addressBlocked)
            #expect(fixture.perform(makeRequest(server.url))?.status == 200)
        }
        #expect(server.connections == 1)
    }
}
