import JSON
import PluginHost
import Ports

/// What a running server says of its plugins (`GET /api/v1/admin/plugins`), for `plugin list`.
struct RunningPlugins {
    private let report: JSONValue

    init(_ report: JSONValue) { self.report = report }

    /// Exit code: 1 if a library was refused or does not serve.
    func show() -> Int32 {
        print(inventory.text(states: states), terminator: "")
        for library in libraries where library["reason"]?.text != nil {
            print("\(text(library, "state")): \(text(library, "path")): \(text(library, "reason"))")
        }
        let areServing = libraries.allSatisfy { text($0, "state") == PluginLibraryStatus.State.serving.rawValue }
        return areServing && inventory.refusals.isEmpty ? 0 : 1
    }

    private var libraries: [JSONObject] { items("libraries") }

    /// By path: what the column says.
    private var states: [String: String] {
        var states: [String: String] = [:]
        for library in libraries {
            var state = text(library, "state")
            if let until = library["until"]?.text { state += " until \(until)" }
            let restarts = library["restarts"]?.integer ?? 0
            if restarts > 0 { state += ", \(restarts) restart\(restarts == 1 ? "" : "s")" }
            states[text(library, "path")] = state
        }
        return states
    }

    private var inventory: PluginInventory {
        PluginInventory(
            components: items("components").compactMap { component in
                guard let kind = PluginKind(rawValue: text(component, "kind")) else { return nil }
                return PluginDescription(
                    name: text(component, "name"), kind: kind, version: text(component, "version"), description: "",
                    settingsSchema: [], library: text(component, "library"), digest: text(component, "digest"),
                    isIsolated: component["isolated"] == .bool(true))
            },
            refusals: items("refused").map { refusal in
                // The document's reason is a sentence with its subject.
                PluginRefusal(
                    library: text(refusal, "library"), reason: String(text(refusal, "reason").dropFirst("it ".count)))
            }, skipped: [])
    }

    private func items(_ name: String) -> [JSONObject] {
        (report.members?[name]?.elements ?? []).compactMap(\.members)
    }

    private func text(_ item: JSONObject, _ name: String) -> String { item[name]?.text ?? "" }
}
