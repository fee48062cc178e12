/// The life of a bulk replay. Names are those of the API.
///
///     running ⇄ paused        both ──► cancelled        running ──► completed
package enum ReplayStatus: Int16, CaseIterable, Sendable {
    case running = 0
    case paused = 1
    case completed = 2
    case cancelled = 3

    package var isFinal: Bool { self == .completed || self == .cancelled }

    package var name: String {
        switch self {
        case .running: "Running"
        case .paused: "Paused"
        case .completed: "Completed"
        case .cancelled: "Cancelled"
        }
    }
}

extension ReplayStatus: NamedNumber {}
