import HTTPServer
import Ports
import Synchronization

/// The document of this installation, made when it is first asked for.
final class ServedDocument: Sendable {
    private let made = Mutex<[UInt8]?>(nil)

    func bytes(_ components: [PluginDescription]) -> [UInt8] {
        made.withLock { made in
            if let made { return made }
            let bytes = OpenAPIDocument.document(components).serialized()
            made = bytes
            return bytes
        }
    }
}

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
            status: 200, headers: [("Content-Type", "application/json; charset=utf-8")],
            body: servedDocument.bytes(catalog.components))
    }
}
