// What the operator of a process may do, across tenants.

extension DocumentedGroup {
    static let operators = DocumentedGroup(
        name: "Operators",
        description: """
            For whoever runs the platform, with the operator token of the configuration. Each call is about the \
            process that answers it: with several nodes, call each.
            """,
        routes: [
            DocumentedRoute(
                "GET", "/api/v1/admin/plugins", id: "listLoadedPlugins", .operators, "List loaded plugins",
                details: """
                    Every library with its state and why it has it, every component with its library and digest, and \
                    the libraries that were refused.
                    """,
                .ok("LoadedPlugins", "What is loaded now.")),
            DocumentedRoute(
                "POST", "/api/v1/admin/plugins/reload", id: "reloadPlugins", .operators, "Reload plugins",
                details: """
                    Loads libraries that are new or changed beside what is loaded, tries them with the settings in \
                    use, and puts them in place at once; deliveries under way end with the old ones. A version that \
                    is refused leaves the old one serving.
                    """,
                .ok("PluginReload", "What has come of it.")),
        ])
}
