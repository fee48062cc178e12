import HTTPServer
import Telemetry
import Testing

@Suite struct ServingTests {
    static let routes = [
        echo,
        Route(
            "GET", "/hello/{name}",
            .inline { request, responder in
                var response = text("hello \(request.parameters["name"]!)")
                response.headers = [("Content-Type", "text/plain")]
                responder.respond(response)
            }),
        Route("GET", "/blocking", .blocking { request in text(request.queryValue("q") ?? "none") }),
        Route(
            "POST", "/small", bodyLimit: 8,
            .inline { request, responder in
                responder.respond(text("\(request.body.count)"))
            }),
    ]

    @Test func aConnectionServesManyRequests() throws {
        try withServer(Self.routes) { server in
            let client = TestClient(port: server.port)
            for number in 0..<50 {
                #expect(client.get("/hello/n\(number)")?.body == "hello n\(number)")
                #expect(client.post("/echo", body: "body \(number)")?.body == "body \(number)")
                #expect(client.get("/blocking?q=a%20b+c")?.body == "a b c")
            }
        }
    }

    @Test func twoPipelinedRequestsAreAnsweredInOrder() throws {
        try withServer(Self.routes) { server in
            let client = TestClient(port: server.port)
            client.send(
                "GET /blocking?q=1 HTTP/1.1\r\nHost: h\r\n\r\n"
                    + "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\ntwo"
            )
            #expect(client.response()?.body == "1")
            #expect(client.response()?.body == "two")
        }
    }

    @Test func everyAnswerCarriesARequestIDAndNoServerName() throws {
        try withServer(Self.routes) { server in
            let client = TestClient(port: server.port)
            let made = try #require(client.get("/hello/x"))
            #expect(made.headers["x-request-id"]?.count == 13)
            #expect(made.headers["x-content-type-options"] == "nosniff")
            #expect(made.headers["content-type"] == "text/plain")
            #expect(made.headers["server"] == nil)
            #expect(client.get("/hello/x", headers: "X-Request-Id: mine-1\r\n")?.headers["x-request-id"] == "mine-1")
            #expect(client.get("/none", headers: "X-Request-Id: a b\r\n")?.headers["x-request-id"]?.count == 13)
        }
    }

    @Test func unknownPathsWrongMethodsAndHeads() throws {
        try withServer(Self.routes) { server in
            let client = TestClient(port: server.port)
            #expect(client.get("/nothing").map { [$0.status, $0.body.count] } == [404, 0])
            let wrong = try #require(client.get("/hello/x", method: "DELETE"))
            #expect(wrong.status == 405 && wrong.body == "" && wrong.headers["allow"] == "GET, HEAD")
            #expect(client.post("/nothing", body: "dropped")?.status == 404)
            let head = try #require(client.get("/hello/x", method: "HEAD"))
            #expect(head.status == 200 && head.headers["content-length"] == "7")
            #expect(client.get("/hello/%zz")?.status == 400)
            #expect(client.get("/blocking?q=%f")?.status == 400)
            #expect(client.get("/hello/x", method: "OPTIONS")?.status == 405)
            #expect(client.get("/hello/still")?.body == "hello still")
        }
    }

    @Test func chunkedBodiesAreRead() throws {
        try withServer(Self.routes) { server in
            let client = TestClient(port: server.port)
            client.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
            client.send("7;ext=1\r\n, world\r\n0\r\n\r\n")
            #expect(client.response()?.body == "hello, world")
            #expect(client.get("/hello/x")?.status == 200)
        }
    }

    @Test func aLargeBodyArrivesWhole() throws {
        try withServer(Self.routes) { server in
            let body = String(repeating: "0123456789", count: 100_000)
            #expect(TestClient(port: server.port).post("/echo", body: body)?.body == body)
        }
    }

    @Test func hooksSeeRequestsAndChangeAnswers() throws {
        let change: (inout HTTPServer.Configuration) -> Void = {
            $0.responseFilter = { request, response in
                response.headers.append(("X-Origin", request.header("Origin") ?? "none"))
            }
            $0.optionsHandler = { request, allow in
                request.path == "/echo" ? HTTPResponse(status: 204, headers: [("X-Allow", allow)]) : nil
            }
        }
        try withServer(Self.routes, change) { server in
            let client = TestClient(port: server.port)
            #expect(client.get("/hello/x", headers: "Origin: o\r\n")?.headers["x-origin"] == "o")
            #expect(client.get("/nothing")?.headers["x-origin"] == "none")
            let options = try #require(client.get("/echo", method: "OPTIONS"))
            #expect(options.status == 204 && options.headers["x-allow"] == "POST")
            #expect(client.get("/blocking", method: "OPTIONS")?.status == 405)
        }
    }

    @Test func requestsAreCountedByRouteAndClass() throws {
        let metrics = Metrics()
        try withServer(Self.routes, { $0.metrics = metrics }) { server in
            let client = TestClient(port: server.port)
            _ = client.get("/hello/a")
            _ = client.get("/hello/b")
            _ = client.get("/nothing")
            let text = metrics.exposition()
            #expect(text.contains(#"hooksentry_http_requests_total{route="/hello/{name}",status="2xx"} 2"#))
            #expect(text.contains(#"hooksentry_http_requests_total{route="unmatched",status="4xx"} 1"#))
            #expect(text.contains(#"hooksentry_http_request_seconds_count{route="/hello/{name}"} 2"#))
            #expect(text.contains("hooksentry_http_connections 1\n"))
        }
        #expect(metrics.exposition().contains("hooksentry_http_connections 0\n"))
    }

    @Test func aTakenPortIsNamedInTheError() throws {
        try withServer(Self.routes) { server in
            var configuration = HTTPServer.Configuration()
            configuration.port = server.port
            let second = HTTPServer(configuration: configuration, routes: [])
            let error = #expect(throws: HTTPServerError.self) { try second.start() }
            #expect(error?.sentence.contains("127.0.0.1 port \(server.port)") == true)
        }
    }
}
