import PluginKit
import Signing

/// Takes out of the payload what the destination must not see.
struct Redact: Transformer {
    static let name = "Redact"
    static let version = "1.0.0"
    static let summary = "Removes, masks or hashes the values at the places you name; all else stays byte for byte."

    private let rules: [Rule]
    private let key: HMACKey?
    private let host: HostServices

    init(settings: Settings, host: HostServices) throws {
        self.host = host
        rules = try Rule.list(in: settings)
        guard let text = try settings.text(ifPresent: "hashKey") else {
            key = nil
            return
        }
        guard !text.isEmpty else {
            throw PluginError.invalidSettings("hashKey must not be empty.", at: settings.position(of: "hashKey"))
        }
        key = HMACKey(try settings.secret("hashKey"), .sha256)
    }

    func apply(_ payload: Span<UInt8>, _ call: Call) throws -> [UInt8] {
        do {
            return try Redaction.apply(rules, key: key, to: payload, host: host)
        } catch let error as JSONError {
            throw PluginError.permanent(error.sentence, at: error.offset)
        }
    }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .transformer(Redact.self))
}
