import HTTPServer

extension ManagementAPI {
    /// The OpenAPI document, at its own path and where users of the original look for it, and the page drawn from it.
    var documentRoutes: [Route] {
        [
            openRoute("GET", "/openapi.json", NoInput.self, showDocument),
            openRoute("GET", "/swagger/v1/swagger.json", NoInput.self, showDocument),
            openRoute("GET", "/docs", NoInput.self) { _, _ in ReferencePage.response },
        ]
    }

    @Sendable private func showDocument(_ call: Call, _: NoInput) -> HTTPResponse {
        HTTPResponse(
            status: 200, headers: [("Content-Type", "application/json; charset=utf-8")], body: OpenAPIDocument.bytes)
    }
}
