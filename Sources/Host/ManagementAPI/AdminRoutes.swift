import Crypto
import Domain
import HTTPServer
import JSON
import Ports

/// What operators see and do of this process's plugins.
package struct PluginAdministration: Sendable {
    package var generation: @Sendable () -> Int
    package var libraries: @Sendable () -> [PluginLibraryStatus]
    package var refusals: @Sendable () -> [PluginRefusal]
    /// Loads what is new or changed beside what there is; blocks until that is decided.
    package var reload: @Sendable () -> PluginReload

    package init(
        generation: @escaping @Sendable () -> Int, libraries: @escaping @Sendable () -> [PluginLibraryStatus],
        refusals: @escaping @Sendable () -> [PluginRefusal], reload: @escaping @Sendable () -> PluginReload
    ) {
        self.generation = generation
        self.libraries = libraries
        self.refusals = refusals
        self.reload = reload
    }
}

extension ManagementAPI {
    /// For the operator of this process, across tenants; they know nothing of a tenant's data.
    var adminRoutes: [Route] {
        [
            openRoute("GET", "/api/v1/admin/plugins", NoInput.self, listLoadedPlugins),
            openRoute("POST", "/api/v1/admin/plugins/reload", NoInput.self, reloadPlugins),
        ]
    }

    @Sendable private func listLoadedPlugins(_ call: Call, _: NoInput) throws -> HTTPResponse {
        let plugins = try administration(for: call)
        return .json(
            200,
            [
                "generation": .count(plugins.generation()),
                "libraries": .array(plugins.libraries().map { $0.document(now: settings.clock()) }),
                "components": .array(catalog.components.map(\.document)),
                "refused": .array(plugins.refusals().map(\.document)),
            ])
    }

    @Sendable private func reloadPlugins(_ call: Call, _: NoInput) throws -> HTTPResponse {
        let report = try administration(for: call).reload()
        return .json(
            200,
            [
                "generation": .count(report.generation),
                "loaded": .array(report.loaded.map(\.document)),
                "removed": .array(report.removed.map(\.document)),
                "unchanged": .count(report.unchanged),
                "refused": .array(report.refused.map(\.document)),
            ])
    }

    /// 401 without the operator's token, or if the configuration has none.
    private func administration(for call: Call) throws(Refusal) -> PluginAdministration {
        let expected = settings.operatorToken
        guard let plugins = settings.plugins, !expected.isEmpty,
            let given = call.request.header("X-Operator-Token"),
            constantTimeEqual(SHA256.hash(Array(given.utf8)), SHA256.hash(Array(expected.utf8)))
        else { throw .unauthorized }
        return plugins
    }
}

extension PluginDescription {
    fileprivate var document: JSONValue {
        [
            "name": .string(name), "kind": .string(kind.rawValue), "version": .string(version),
            "isolated": .bool(isIsolated), "library": .string(library), "digest": .string(digest),
        ]
    }
}

extension PluginLibraryStatus {
    fileprivate func document(now: Timestamp) -> JSONValue {
        [
            "path": .string(path), "digest": .string(digest), "generation": .count(generation),
            "isolation": .string(isIsolated ? "process" : "in-process"), "state": .string(state.rawValue),
            "until": .time(pause.map { now + $0 }), "reason": .text(reason), "restarts": .count(restarts),
            "refusal": .text(refusal.map { "it \($0)" }),
            "components": .array(
                components.map {
                    ["name": .string($0.name), "kind": .string($0.kind.rawValue), "version": .string($0.version)]
                }),
        ]
    }
}

extension PluginRefusal {
    fileprivate var document: JSONValue { ["library": .string(library), "reason": .string("it \(reason)")] }
}
