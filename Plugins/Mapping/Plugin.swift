import MappingProgram
import PluginKit

/// Makes a flat object from a payload, by a mapping from output names to expressions.
struct Mapping: Transformer {
    static let name = "Mapping"
    static let version = "1.0.0"
    static let summary = "Builds a flat JSON object from fields of the payload, with sums and joined texts."
    static let settingsSchema = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "description": "Output name to expression: a path (order:items[0]:sku), two paths with a plus, or a list.",
          "examples": [{"id": "order:id", "total": "net + tax", "tags": ["kind", "order:items[0]:sku"]}]
        }
        """

    private let program: MappingProgram

    init(settings: Settings, host: HostServices) throws {
        do throws(MappingError) {
            program = try settings.withText { text throws(MappingError) in try MappingProgram(parsing: text) }
        } catch {
            throw PluginError.invalidSettings(error.sentence, at: error.position)
        }
    }

    func apply(_ payload: Span<UInt8>, _ call: Call) throws -> [UInt8] {
        do throws(MappingError) {
            return try program.apply(to: payload)
        } catch {
            throw PluginError.permanent(error.sentence, at: error.position)
        }
    }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .transformer(Mapping.self))
}
