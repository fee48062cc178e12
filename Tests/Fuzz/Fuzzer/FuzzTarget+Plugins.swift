import JSON
import Telemetry

import enum PluginKit.Offer
import enum PluginKit.PluginLibrary

@testable import JsonPatch
@testable import PluginHost
@testable import Redact
@testable import Template

extension FuzzTarget {
    /// Programs of tenants in shipped plugins, behind the plugins' own border and after the host's look at the
    /// settings.
    static let plugins = [
        // The first byte chooses format and treatment of missing values, and whether the template is written with the
        // escapes of JSON already; a NUL parts it from the payload.
        FuzzTarget(name: "template") { input in
            guard let choice = input.first else { return }
            let (template, payload) = Array(input.dropFirst()).parted(at: 0)
            let format = ["json", "xml", "form", "text"][Int(choice % 4)]
            let token = choice & 8 == 0 ? JSONValue.string(template.text).serialized() : [0x22] + template + [0x22]
            let more = #","format":"\#(format)","missing":"\#(choice & 4 == 0 ? "fail" : "empty")"}"#
            let settings = Array(#"{"template":"#.utf8) + token + Array(more.utf8)
            guard let output = shipped.output(of: "Template", settings, payload) else { return }
            law(String(validating: output, as: UTF8.self) != nil, "a template made something that is not UTF-8")
            guard format == "json" else { return }
            law((try? JSONScanner.validate(output)) != nil, "a template made something that is not JSON")
        },
        // A newline parts the operations from the payload.
        FuzzTarget(name: "patch") { input in
            let (operations, payload) = input.parted
            let settings = Array(#"{"patch":"#.utf8) + operations + Array("}".utf8)
            guard let output = shipped.output(of: "JsonPatch", settings, payload) else { return }
            law((try? JSONScanner.validate(output)) != nil, "a patch made something that is not JSON")
            let value = Array(#"{"patch":[{"op":"test","path":"","value":"#.utf8) + output + Array("}]}".utf8)
            // Within the operation it is nested more deeply, which may be too deep for settings.
            guard let tested = shipped.output(of: "JsonPatch", value, output) else { return }
            law(tested == output, "a patch that only tests changed the payload")
        },
        // A newline parts the rules from the payload.
        FuzzTarget(name: "redact") { input in
            let (rules, payload) = input.parted
            let settings = Array(#"{"rules":"#.utf8) + rules + Array("}".utf8)
            guard let output = shipped.output(of: "Redact", settings, payload) else { return }
            guard let redacted = try? JSONValue(parsing: output) else {
                return law(false, "rules made something that is not JSON")
            }
            guard let value = try? JSONValue(parsing: payload) else {
                return law(false, "rules took a payload that is not JSON")
            }
            law(PlainRedaction(settings).allows(redacted, of: value), "rules left another thing than they say")
        },
    ]

    private static let shipped = ShippedTransformers()
}

/// All in one library, as far as the kit can tell.
private struct ShippedTransformers: Sendable {
    private let components: [Component]

    init() {
        let entry = PluginLibrary.entry(
            offering: .transformer(Template.self), .transformer(JsonPatch.self), .transformer(Redact.self))
        let file = LibraryFile(
            path: "/fuzzer", identity: LibraryFile.Identity(device: 0, inode: 0), digest: "", mentionsEntry: true)
        components = (try! LibraryReader.components(of: entry)).map {
            Component($0, file: file, metrics: Metrics(), log: Log("fuzzer"))
        }
    }

    /// What it makes of the payload, twice, since nothing else may decide about it. Nil: the settings or the payload
    /// are refused.
    func output(of name: String, _ settings: [UInt8], _ payload: [UInt8]) -> [UInt8]? {
        let component = components.first { $0.name == name }!
        guard (try? component.offer.schema.checked(settings, allowsHTTP: false)) != nil else { return nil }
        var status = Status.ok
        let host = RecordingHost()
        guard let instance = BareInstance(component, settings: settings, host: host, status: &status) else {
            law(status == Status.invalidSettings, "\(name) refuses settings with status \(status)")
            law(!host.sentences.isEmpty, "\(name) refuses settings without a sentence")
            return nil
        }
        let results = (0..<2).map { _ in instance.work(WorkInput(body: payload), limit: .seconds(60)) }
        law(results[0] == results[1], "\(name) makes another thing of the same payload")
        law(results[0].brokenRule == nil, "\(name) \(results[0].brokenRule ?? "")")
        guard results[0].status == Status.ok else {
            law(results[0].status == Status.permanent, "\(name) fails with status \(results[0].status)")
            law(!host.sentences.isEmpty, "\(name) fails without a sentence")
            return nil
        }
        return results[0].output
    }
}
