import PluginKit

/// Applies a JSON Patch (RFC 6902) to each payload.
struct JsonPatch: Transformer {
    static let name = "JsonPatch"
    static let version = "1.0.0"
    static let summary = "Applies a JSON Patch (RFC 6902) to the payload; what it does not touch stays byte for byte."

    private let operations: [Operation]
    private let host: HostServices

    init(settings: Settings, host: HostServices) throws {
        self.host = host
        operations = try OperationReader.operations(in: settings)
    }

    func apply(_ payload: Span<UInt8>, _ call: Call) throws -> [UInt8] {
        do throws(JSONError) {
            _ = try JSONScanner.validate(payload)
        } catch {
            throw PluginError.permanent(error.sentence, at: error.offset)
        }
        var document = PatchedText(payload.withUnsafeBufferPointer { Array($0) })
        for (index, operation) in operations.enumerated() {
            if host.isCancelled { throw PluginError.retryable("The patch took too long for this payload.") }
            do throws(PatchFailure) {
                try document.apply(operation)
            } catch {
                throw PluginError.permanent("Operation \(index) of the patch (\(operation.name)) \(error.rule).")
            }
        }
        do throws(JSONError) {
            _ = try JSONScanner.validate(document.bytes)
        } catch {
            throw PluginError.permanent("The patched payload is not good JSON: \(error.sentence)")
        }
        return document.bytes
    }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .transformer(JsonPatch.self))
}
