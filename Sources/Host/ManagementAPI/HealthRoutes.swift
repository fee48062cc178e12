import Domain
import HTTPServer
import JSON

extension ManagementAPI {
    var healthRoutes: [Route] {
        [
            readyRoute("GET", "/health", showHealth),
            readyRoute("GET", "/health/ready", showReadiness),
            readyRoute("GET", "/metrics", showMetrics),
        ]
    }

    /// The process answers; nothing else is looked at.
    @Sendable private func showHealth(_ call: Call, _: NoInput) -> HTTPResponse {
        .json(200, ["status": "healthy", "timestamp": .time(settings.clock())])
    }

    /// 503 with the reasons until every vital part works.
    @Sendable private func showReadiness(_ call: Call, _: NoInput) -> HTTPResponse {
        let parts = settings.readiness()
        let isReady = parts.allSatisfy { $0.reason == nil || !$0.isVital }
        let items = parts.map { part -> JSONValue in
            ["name": .string(part.name), "ready": .bool(part.reason == nil), "reason": .text(part.reason)]
        }
        var response = HTTPResponse.json(
            isReady ? 200 : 503,
            [
                "status": isReady ? "ready" : "unavailable", "timestamp": .time(settings.clock()),
                "parts": .array(items),
            ])
        if !isReady { response.headers.append(("Retry-After", "1")) }
        return response
    }

    @Sendable private func showMetrics(_ call: Call, _: NoInput) -> HTTPResponse {
        HTTPResponse(
            status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
            body: Array(settings.metrics().utf8))
    }
}
