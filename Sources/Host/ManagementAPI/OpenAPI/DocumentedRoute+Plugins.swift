// Plugins, as tenants see them.

extension DocumentedGroup {
    static let plugins = DocumentedGroup(
        name: "Plugins", description: "What destinations can be set up with.", examples: ["name": "Fixed"],
        routes: [
            DocumentedRoute(
                "GET", "/api/v1/plugins", id: "listPlugins", .token(.readPlugins), "List the plugins",
                details: "All of them on one page, by kind and name. Draw a form from a plugin's settingsSchema.",
                .ok("PluginList", "The components that the installation has loaded.")),
            DocumentedRoute(
                "POST", "/api/v1/plugins/{name}/simulate", id: "simulatePlugin", .token(.simulatePlugins),
                "Simulate a retry policy",
                details: """
                    Plays attempts through that all fail, and says what the policy decides after each. Nothing is \
                    sent and nothing is stored; the same request gets the same answer.
                    """,
                body: .optional("Simulation"), .ok("SimulationAnswer", "One step for each attempt, up to the last."),
                .sentence(
                    404, "No retry policy has this name.", example: "there is no retry policy with this name"),
                .sentence(
                    422, "The policy's schema, or the policy itself, refuses the settings.",
                    example: "settings: delaySeconds is missing"),
                .sentence(
                    504, "The policy did not return.",
                    example: "the retry policy Fixed did not come back in time")),
        ])
}
