import Encoding
import PluginKit
import Signing

/// What can stand in a claim's text.
enum ClaimPart: String, CaseIterable {
    case eventID = "eventId"
    case tenantID = "tenantId"
    case destinationID = "destinationId"
    case attempt, bodySha256
}

/// The claims of a token: those of RFC 7519, those of the settings, and those that are copied from the body.
struct Claims {
    /// Those of the settings, and each may ask for a walk through the body.
    static let claimsMax = 64
    /// In Base64 it is what the host takes in headers altogether (authenticator.h), and the signature comes on top.
    static let bytesMax = 24_576

    private enum Source {
        /// Written out as it stands.
        case fixed([UInt8])
        /// A text with placeholders.
        case text(PlaceholderText<ClaimPart>)
        /// A value of the body, copied byte for byte.
        case body(JSONPointer)
    }

    private var claims: [(name: String, source: Source)] = []
    private let lifetimeSeconds: Int64

    init(_ settings: Settings) throws(PluginError) {
        lifetimeSeconds = try settings.wholeNumber("lifetimeSeconds", default: 300)
        for (member, name) in [("issuer", "iss"), ("subject", "sub")] {
            guard let text = try settings.text(ifPresent: member) else { continue }
            claims.append((name, .text(try Self.placeholders(text, member, settings))))
        }
        if let audience = try settings.value("audience") { claims.append(("aud", .fixed(audience.serialized()))) }
        for (name, value) in try settings.value("claims")?.members?.members ?? [] {
            guard let text = value.text else {
                try add(name, .fixed(value.serialized()), "claims", settings)
                continue
            }
            try add(name, .text(try Self.placeholders(text, "claims.\(name)", settings)), "claims", settings)
        }
        for (name, value) in try settings.value("bodyClaims")?.members?.members ?? [] {
            guard let pointer = value.text.flatMap(JSONPointer.init) else {
                throw .invalidSettings(
                    "bodyClaims.\(name) must be a JSON Pointer, such as /order/id.",
                    at: settings.position(of: "bodyClaims"))
            }
            try add(name, .body(pointer), "bodyClaims", settings)
        }
        // The same for a repetition of the same attempt, so that a receiver that remembers it sees it once.
        if !claims.contains(where: { $0.name.isExactly("jti") }) {
            claims.append(("jti", .text(try Self.placeholders("{eventId}.{attempt}", "jti", settings))))
        }
    }

    private static func placeholders(
        _ text: String, _ member: String, _ settings: Settings
    ) throws(PluginError) -> PlaceholderText<ClaimPart> {
        do throws(PlaceholderText<ClaimPart>.Mistake) {
            return try PlaceholderText(text)
        } catch {
            throw .invalidSettings("\(member) \(error.rule).", at: settings.position(of: member))
        }
    }

    private mutating func add(
        _ name: String, _ source: Source, _ member: String, _ settings: Settings
    ) throws(PluginError) {
        let taken = ["iat", "nbf", "exp"] + claims.map(\.name)
        guard !taken.contains(where: { name.isExactly($0) }) else {
            throw .invalidSettings(
                "\(member) must not have \(name), which is set already.", at: settings.position(of: member))
        }
        guard claims.count < Self.claimsMax else {
            throw .invalidSettings(
                "\(member) must not make it more than \(Self.claimsMax) claims.", at: settings.position(of: member))
        }
        claims.append((name, source))
    }

    /// The token's payload as JSON.
    func payload(body: [UInt8], _ call: Call, host: HostServices) throws(PluginError) -> [UInt8] {
        let nowSeconds = host.wallMilliseconds / 1_000
        // Computed once, however often it is named.
        let bodySHA256 = needsBodySHA256 ? Array(Hex.encode(Hash.sha256.digest(of: body)).utf8) : []
        var output = Array("{\"iat\":\(nowSeconds),\"exp\":\(nowSeconds + lifetimeSeconds)".utf8)
        for (name, source) in claims {
            if case .body = source, host.isCancelled { throw .retryable("The claims took too long for this body.") }
            guard let value = try value(of: source, body, bodySHA256, call) else { continue }
            output.append(UInt8(ascii: ","))
            JSONValue.writeQuoted(name, to: &output)
            output.append(UInt8(ascii: ":"))
            output += value
            guard output.count <= Self.bytesMax else {
                throw .permanent("The claims have more than \(Self.bytesMax) bytes, with \(name).")
            }
        }
        return output + [UInt8(ascii: "}")]
    }

    private var needsBodySHA256: Bool {
        claims.contains { claim in
            if case .text(let text) = claim.source { text.names.contains(.bodySha256) } else { false }
        }
    }

    /// Nil for a place that the body does not have.
    private func value(
        of source: Source, _ body: [UInt8], _ bodySHA256: [UInt8], _ call: Call
    ) throws(PluginError) -> [UInt8]? {
        switch source {
        case .fixed(let bytes): return bytes
        case .text(let text):
            let filled = text.filled { part in
                switch part {
                case .eventID: Array(call.eventID.utf8)
                case .tenantID: Array(call.tenantID.utf8)
                case .destinationID: Array(call.destinationID.utf8)
                case .attempt: Array(String(call.attemptNumber).utf8)
                case .bodySha256: bodySHA256
                }
            }
            var quoted: [UInt8] = []
            JSONValue.writeQuoted(String(decoding: filled, as: UTF8.self), to: &quoted)
            return quoted
        case .body(let pointer):
            do throws(JSONError) {
                return try pointer.find(in: body.span).map { Array(body[$0]) }
            } catch {
                throw .permanent("The body is not JSON, so no claim can be taken from it: \(error.sentence)")
            }
        }
    }
}
