import Crypto
import Domain
import JSON

@testable import Config
@testable import HTTPServer

extension FuzzTarget {
    /// Small texts of clients and operators.
    static let texts = [
        FuzzTarget(name: "path") { input in
            input.withUnsafeBufferPointer { bytes in
                guard let segments = PathSegments(bytes) else { return }
                for index in 0..<segments.count { _ = segments.text(index) }
                _ = router.match("POST", segments)
            }
        },
        FuzzTarget(name: "config") { input in
            var reader = JSON5Reader(input)
            _ = try? reader.document()
        },
        FuzzTarget(name: "time") { input in
            guard let time = Timestamp(iso8601: input.text) else { return }
            law(Timestamp(iso8601: time.description) != nil, "\(time) cannot be read back")
        },
        FuzzTarget(name: "address") { input in
            if let address = IPAddress(input.text) {
                law(IPAddress(address.description) == address, "\(address) reads back as another")
            }
            if let range = AddressRange(input.text) { _ = range.description }
        },
        FuzzTarget(name: "id") { input in
            guard let id = EventID(input.text) else { return }
            law(EventID(id.description) == id, "\(id) reads back as another")
        },
        FuzzTarget(name: "base64") { input in
            if let bytes = Base64.decode(input.text) {
                law(Base64.encode(bytes) == input.text, "two Base64 texts mean the same bytes")
            }
            if let bytes = Hex.decode(input.text) {
                law(Hex.encode(bytes) == input.text.lowercased(), "two hexadecimal texts mean the same bytes")
            }
        },
        FuzzTarget(name: "token") { input in
            law(tokens.verify(input.text, now: Timestamp(seconds: 0)) == nil, "a made-up token was accepted")
        },
    ]

    private static let tokens = AccessTokens(key: SecureRandom.bytes(32), issuer: "fuzz", audience: "fuzz")
    private static let router = Router([
        Route("POST", "/api/v1/ingest/{tenantId:uuid}/{token}", .inline { _, _ in }),
        Route("GET", "/api/v1/events/{id:uuid}", .inline { _, _ in }),
        Route("GET", "/health", .inline { _, _ in }),
    ])
}
