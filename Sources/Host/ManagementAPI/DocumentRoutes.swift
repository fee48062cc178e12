import HTTPServer
import Ports
import Synchronization

/// The document of this installation, made when it is first asked for and when other plugins have been loaded.
final class ServedDocument: Sendable {
    private struct Made {
        let components: [String]
        let bytes: [UInt8]
    }

    private let made = Mutex<Made?>(nil)

    func bytes(_ components: [PluginDescription]) -> [UInt8] {
        let identities = components.map { "\($0.kind.rawValue) \($0.name) \($0.digest)" }
        return made.withLock { made in
            if let made, made.components == identities { return made.bytes }
            let bytes = OpenAPIDocument.document(components).serialized()
            made = Made(components: identities, bytes: bytes)
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
