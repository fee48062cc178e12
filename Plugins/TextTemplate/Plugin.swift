import PluginKit

/// Makes a text of any kind from a payload: a template with places for its values.
struct Template: Transformer {
    static let name = "Template"
    static let version = "1.0.0"
    static let summary = "Fills a text template (JSON, XML, a form, plain text) with values of the payload, escaped."

    private let program: [Node]
    private let format: Format
    private let missing: MissingValue
    private let host: HostServices
    let contentType: String?

    init(settings: Settings, host: HostServices) throws {
        self.host = host
        format = try settings.choice("format", default: Format.json)
        contentType = try settings.text(ifPresent: "contentType") ?? format.contentType
        missing = try settings.choice("missing", default: MissingValue.fail)
        let text = try settings.text("template")
        do throws(TemplateMistake) {
            program = try TemplateReader.program(text, format: format)
        } catch {
            throw PluginError.invalidSettings(
                "template, line \(error.line), column \(error.column): \(error.sentence)",
                at: settings.position(of: "template", offset: error.offset))
        }
    }

    func apply(_ payload: Span<UInt8>, _ call: Call) throws -> [UInt8] {
        do throws(JSONError) {
            _ = try JSONScanner.validate(payload)
        } catch {
            throw PluginError.permanent(error.sentence, at: error.offset)
        }
        var renderer = Renderer(
            payload: payload.withUnsafeBufferPointer { Array($0) }, missing: missing, host: host)
        try renderer.render(program)
        guard format == .json else { return renderer.output }
        do throws(JSONError) {
            _ = try JSONScanner.validate(renderer.output)
        } catch {
            throw PluginError.permanent(
                "The template's result is not JSON: \(error.sentence) (at its byte \(error.offset))")
        }
        return renderer.output
    }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .transformer(Template.self))
}
