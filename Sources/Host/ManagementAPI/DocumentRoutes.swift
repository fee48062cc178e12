import HTTPServer

extension ManagementAPI {
    /// The OpenAPI document, at its own path and where users of the original look for it.
    var documentRoutes: [Route] {
        [
            openRoute("GET", "/openapi.json", NoInput.self, showDocument),
            openRoute("GET", "/swagger/v1/swagger.json", NoInput.self, showDocument),
        ]
    }

    @Sendable private func showDocument(_ call: Call, _: NoInput) -> HTTPResponse {
        HTTPResponse(
            status: 200, headers: [("Content-Type", "application/json; charset=utf-8")], body: OpenAPIDocument.bytes)
    }
}
