import Ports

/// What `plugin list` shows: every component, and every library that offers none.
package struct PluginInventory: Sendable {
    package var components: [PluginDescription]
    package var refusals: [PluginRefusal]
    package var skipped: [PluginRefusal]

    package init(components: [PluginDescription], refusals: [PluginRefusal], skipped: [PluginRefusal]) {
        self.components = components
        self.refusals = refusals
        self.skipped = skipped
    }

    package init(_ registry: PluginRegistry) {
        self.init(components: registry.components, refusals: registry.refusals, skipped: registry.skipped)
    }

    /// Columns for a terminal, each line ended by a line feed.
    ///
    /// uses: where a component is used (`3 destinations`); states: how a library is, by its path. Nil where nobody
    /// knows. includingSkipped: also libraries that are no plugins.
    package func text(
        includingSkipped: Bool = false, uses: ((PluginDescription) -> String)? = nil, states: [String: String]? = nil
    ) -> String {
        let columns: [(title: String, cell: (PluginDescription) -> String)?] = [
            ("COMPONENT", { $0.name }), ("KIND", { $0.kind.name }), ("VERSION", { $0.version }),
            uses.map { ("USED BY", $0) }, ("RUNS", { $0.isIsolated ? "own process" : "in the host" }),
            states.map { states in ("STATE", { states[$0.library] ?? "-" }) },
            ("SHA-256", { String($0.digest.prefix(16)) }), ("LIBRARY", { $0.library }),
        ]
        let known = columns.compactMap { $0 }
        let sorted = components.sorted { ($0.kind.name, $0.name) < ($1.kind.name, $1.name) }
        let rows = [known.map(\.title)] + sorted.map { component in known.map { $0.cell(component) } }
        var text = Self.aligned(rows)
        if components.isEmpty { text += "no component is loaded\n" }
        for refusal in refusals { text += "refused: \(refusal.library): it \(refusal.reason)\n" }
        if includingSkipped {
            for library in skipped { text += "skipped: \(library.library): it \(library.reason)\n" }
        }
        return text
    }

    /// Pads every column but the last to its longest cell.
    private static func aligned(_ rows: [[String]]) -> String {
        guard let columns = rows.first?.count else { return "" }
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.enumerated().map { column, cell in
                column == columns - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }.joined(separator: "  ") + "\n"
        }.joined()
    }
}
