import Domain
import Glibc
import Ports
import Testing

@testable import HTTPSender

@Suite(.serialized) struct CurlCourierTests {
    @Test func `the request arrives as it was given`() throws {
        try withServer({ _, connection in connection.answer(200, body: "fine") }) { server, fixture in
            let body = #"{"n":1.10, "text":"São Paulo", "big":12345678901234567890}"#
            let result = try #require(
                fixture.perform(
                    makeRequest(
                        server.url + "?a=1&b=%20", token: 77,
                        headers: [
                            HeaderField("Content-Type", "application/json; charset=utf-8"), HeaderField("X-Empty", ""),
                            HeaderField("webhook-id", "abc"),
                        ], body: body)))
            #expect(result.token == 77)
            #expect(result.status == 200)
            #expect(result.body == "fine")
            #expect(result.duration > .zero)
            let request = try #require(server.requests.first)
            #expect(request.line == "POST /hook?a=1&b=%20 HTTP/1.1")
            #expect(String(decoding: request.body, as: UTF8.self) == body)
            #expect(request.value("content-type") == "application/json; charset=utf-8")
            #expect(request.value("content-length") == "\(body.utf8.count)")
            #expect(request.value("webhook-id") == "abc")
            #expect(request.value("x-empty") == "")
            for absent in ["expect", "accept-encoding", "user-agent", "transfer-encoding"] {
                #expect(request.value(absent) == nil)
            }
        }
    }

    @Test(arguments: [200, 201, 204, 301, 304, 400, 401, 404, 410, 418, 429, 500, 503])
    func `every status comes back as it is`(status: Int) throws {
        let behaviour: @Sendable (ReceivedRequest, ServerConnection) -> Void = { _, connection in
            if status == 204 || status == 304 {
                connection.write("HTTP/1.1 \(status) Reason\r\n\r\n")
            } else {
                connection.answer(status, headers: ["Retry-After:  120 ", "X-Other: a"], body: "text")
            }
        }
        try withServer(behaviour) { server, fixture in
            let result = try #require(fixture.perform(makeRequest(server.url)))
            guard case .response(status, let headers, let body, let retryAfter, false) = result.answer else {
                Issue.record("\(result.answer)")
                return
            }
            let isEmpty = status == 204 || status == 304
            #expect(String(decoding: body, as: UTF8.self) == (isEmpty ? "" : "text"))
            #expect(retryAfter == (isEmpty ? nil : "120"))
            #expect(headers.contains(HeaderField("X-Other", "a")) == !isEmpty)
        }
    }

    @Test func `a path travels as it was written and signed`() throws {
        try withServer({ request, connection in connection.answer(200) }) { server, fixture in
            for path in ["/a/../b", "/a/./b", "/a//b/..", "/a%2e%2e/b?x=../y"] {
                var url = server.url
                url.replace("/hook", with: path)
                #expect(fixture.perform(makeRequest(url))?.status == 200)
            }
            let lines = server.requests.map(\.line)
            #expect(lines == ["/a/../b", "/a/./b", "/a//b/..", "/a%2e%2e/b?x=../y"].map { "POST \($0) HTTP/1.1" })
        }
    }

    /// They share one handle, one after the other.
    @Test(arguments: [("KEY1", "\u{212A}EY1"), ("e\u{0301}", "\u{00E9}"), ("a;b", "a\u{037E}b")])
    func `addresses that are canonically equivalent stay two`(one: String, other: String) throws {
        try withServer({ _, connection in connection.answer(200) }) { server, fixture in
            for path in [one, other, one] {
                #expect(fixture.perform(makeRequest(server.url + "/" + path))?.status == 200)
            }
            // As libcurl escapes them.
            let escaped = [one, other, one].map { path in
                path.utf8.map { $0 < 0x80 ? String(UnicodeScalar($0)) : "%" + String($0, radix: 16) }.joined()
            }
            #expect(server.requests.map(\.line) == escaped.map { "POST /hook/\($0) HTTP/1.1" })
        }
    }

    @Test func `an address of combining marks does not hold up the courier`() {
        let marks =
            String(repeating: "\u{0301}", count: 1 << 18) + String(repeating: "\u{0316}", count: 1 << 18)
        let fixture = CourierFixture()
        defer { fixture.courier.stop() }
        // Nobody listens there.
        fixture.send((0..<2).map { makeRequest("http://127.0.0.1:1/\(marks)", token: $0) })
        let results = fixture.take(2)
        #expect(results.map(\.outcome) == [.connect, .connect])
    }

    @Test func `a Retry-After longer than a date is left out`() throws {
        let marks = String(repeating: "\u{0301}", count: 7_500) + String(repeating: "\u{0316}", count: 7_500)
        try withServer({ request, connection in
            let value = request.line.contains("long") ? marks : String(repeating: "1", count: 64)
            connection.answer(503, headers: ["Retry-After: \(value)"])
        }) { server, fixture in
            for (path, bytes) in [("/long", nil), ("/short", 64)] as [(String, Int?)] {
                let result = try #require(fixture.perform(makeRequest(server.url + path)))
                guard case .response(503, _, _, let retryAfter, _) = result.answer else {
                    Issue.record("\(result.answer)")
                    return
                }
                #expect(retryAfter?.utf8.count == bytes)
            }
        }
    }

    @Test func `a redirect is not followed`() throws {
        try withServer({ request, connection in
            connection.answer(302, headers: ["Location: /elsewhere"])
        }) { server, fixture in
            #expect(fixture.perform(makeRequest(server.url))?.status == 302)
            #expect(server.requests.map(\.line) == ["POST /hook HTTP/1.1"])
        }
    }

    @Test func `connections are kept and handles used again for any method and size`() throws {
        try withServer({ request, connection in connection.answer(200, body: request.line) }) { server, fixture in
            let big = String(repeating: "x", count: 1 << 20)
            for (method, body) in [
                ("POST", "{}"), ("GET", ""), ("POST", big), ("PUT", "{}"), ("POST", ""), ("DELETE", ""), ("GET", "{}"),
                ("POST", "{}"),
            ] {
                let result = fixture.perform(makeRequest(server.url, method: method, body: body))
                #expect(result?.body == "\(method) /hook HTTP/1.1")
                #expect(server.requests.last?.body.count == body.utf8.count)
            }
            #expect(server.connections == 1)
        }
    }

    @Test func `a HEAD answer has no body, and the next POST has one`() throws {
        try withServer({ request, connection in
            let isHead = request.line.hasPrefix("HEAD")
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + (isHead ? "" : "body"))
        }) { server, fixture in
            #expect(fixture.perform(makeRequest(server.url, method: "HEAD", body: ""))?.body == "")
            #expect(fixture.perform(makeRequest(server.url))?.body == "body")
            #expect(server.requests.last?.body.isEmpty == false)
        }
    }

    @Test func `headers of one request are not sent with the next`() throws {
        try withServer({ _, connection in connection.answer(200) }) { server, fixture in
            _ = fixture.perform(makeRequest(server.url, headers: [HeaderField("Authorization", "Bearer secret")]))
            _ = fixture.perform(makeRequest(server.url))
            #expect(server.requests.map { $0.value("authorization") } == ["Bearer secret", nil])
        }
    }

    @Test func `interim answers, chunks and trailers are read as HTTP says`() throws {
        try withServer({ _, connection in
            connection.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nX-Real: 1\r\n")
            connection.write("Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n3\r\nefg\r\n0\r\nX-Trailer: 1\r\n\r\n")
        }) { server, fixture in
            let result = try #require(fixture.perform(makeRequest(server.url)))
            guard case .response(200, let headers, let body, nil, false) = result.answer else {
                Issue.record("\(result.answer)")
                return
            }
            #expect(String(decoding: body, as: UTF8.self) == "abcdefg")
            #expect(headers == [HeaderField("X-Real", "1"), HeaderField("Transfer-Encoding", "chunked")])
        }
    }

    @Test func `an answer without a length ends with the connection`() throws {
        try withServer({ _, connection in
            connection.write("HTTP/1.0 200 OK\r\n\r\nold")
            connection.hangUp()
        }) { server, fixture in
            #expect(fixture.perform(makeRequest(server.url))?.body == "old")
        }
    }

    @Test func `only the first bytes of a body are kept`() throws {
        try withServer({ _, connection in
            connection.answer(200, body: String(repeating: "x", count: 10_000))
        }) { server, fixture in
            let result = try #require(fixture.perform(makeRequest(server.url, kept: 100)))
            guard case .response(200, _, let body, _, false) = result.answer else {
                Issue.record("\(result.answer)")
                return
            }
            #expect(body.count == 100)
        }
    }

    @Test(arguments: ["Content-Length: 10000000000", "Transfer-Encoding: chunked", "X-None: 1"])
    func `an endless body is cut and its status counts`(header: String) throws {
        try withServer(
            responseBodyBytes: 65_536,
            { _, connection in
                connection.write("HTTP/1.1 500 Reason\r\n\(header)\r\n\r\n")
                let block = String(repeating: "x", count: 0x4000)
                while connection.write(header.hasPrefix("Transfer") ? "4000\r\n\(block)\r\n" : block) {}
            }
        ) { server, fixture in
            let result = try #require(fixture.perform(makeRequest(server.url, kept: 16)))
            guard case .response(500, _, let body, _, true) = result.answer else {
                Issue.record("\(result.answer)")
                return
            }
            #expect(body.count == 16)
        }
    }

    @Test func `requests given together complete together or apart, each exactly once`() throws {
        try withServer({ request, connection in
            connection.answer(200, body: String(decoding: request.body, as: UTF8.self))
        }) { server, fixture in
            let count = 1_000
            fixture.send((0..<count).map { makeRequest(server.url, token: UInt64($0), body: "\($0)") })
            let results = fixture.take(count)
            #expect(Set(results.map(\.token)) == Set(0..<UInt64(count)))
            #expect(results.count == count)
            #expect(results.allSatisfy { $0.body == "\($0.token)" })
            #expect(server.requests.count == count)
        }
    }

    @Test func `a completion may send again`() throws {
        try withServer({ _, connection in connection.answer(200) }) { server, fixture in
            let courier = fixture.courier
            courier.send([makeRequest(server.url)]) { _ in fixture.send([makeRequest(server.url, token: 2)]) }
            #expect(fixture.take(1).map(\.token) == [2])
            #expect(server.connections == 1)
        }
    }

    @Test func `stop completes what is in flight, waiting or late, once each`() throws {
        let server = try LoopbackServer { _, connection in connection.waitForEnd() }
        let fixture = CourierFixture()
        fixture.send((0..<10).map { makeRequest(server.url, token: $0) })
        while server.requests.count < 10 { sched_yield() }
        fixture.courier.stop()
        fixture.send([makeRequest(server.url, token: 10)])
        server.stop()
        let results = fixture.take(11)
        #expect(results.map(\.token).sorted() == Array(0...10))
        #expect(results.allSatisfy { $0.outcome == .internal })
    }

    @Test func `a courier that never started refuses what waits when it stops`() {
        let results = ResultBox()
        let courier = CurlCourier(policy: AddressPolicy(), limits: Limits(), allowHTTP: true)
        courier.send([makeRequest("https://example.org/")]) { results.add($0) }
        courier.stop()
        #expect(results.all.map(\.outcome) == [.internal])
    }
}
