import Domain
import Ports

// What others are told of a library: whoever asks, and whoever wants to hear of quarantines.
extension IsolatedLibrary {
    /// In `status` of the library's components.
    func describe(in status: inout PluginLibraryStatus) {
        let (phase, end, starts) = state.withLock { ($0.phase, $0.lastEnd, $0.starts) }
        status.isIsolated = true
        status.restarts = Int(starts) - 1
        switch phase {
        case .starting:
            status.state = end == nil ? .starting : .restarting
        case .running: status.state = .serving
        case .pausing(let pause, _):
            if case .quarantine = pause { status.state = .quarantined } else { status.state = .restarting }
            status.pause = .nanoseconds(max(0, pause.until - monotonicNanoseconds()))
        case .stopped: status.state = .stopped
        }
        if status.state != .serving { status.reason = end.map(sentence) }
    }

    /// `PartnerStamp crashed with SIGSEGV`
    func sentence(_ end: ProcessEnd) -> String {
        let blamed = end.plugins.isEmpty ? file.name : end.plugins.joined(separator: " or ")
        return "\(blamed) \(end.words)"
    }

    /// It was in quarantine, and has not answered enough calls since to be well.
    var isIll: Bool { state.withLock { $0.pace.isIll } }

    func tellOfQuarantine(_ turn: QuarantineChange.Turn) {
        guard case .plugin(let components) = state.withLock({ $0.report }) else { return }
        quarantineWatch(
            QuarantineChange(
                turn,
                components: components.map {
                    QuarantineChange.Component(kind: $0.kind, name: $0.name, version: $0.version)
                }))
    }
}
