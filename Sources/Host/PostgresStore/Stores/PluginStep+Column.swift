import Domain

// attempts.plugin_chain: a line for each step, its title and, if it ran, a tab and its microseconds. Rows from before
// the times were kept have titles alone.
extension PluginStep {
    static func stored(_ chain: [PluginStep]) -> String {
        chain.map { step in step.title + (step.duration.map { "\t\($0.inMicroseconds)" } ?? "") }
            .joined(separator: "\n")
    }

    static func read(_ column: String) -> [PluginStep] {
        column.split(separator: "\n").map { line in
            let parts = line.split(separator: "\t", maxSplits: 1)
            let microseconds = parts.count == 2 ? Int64(parts[1]) : nil
            return PluginStep(String(parts[0]), duration: microseconds.map(Duration.microseconds))
        }
    }
}
