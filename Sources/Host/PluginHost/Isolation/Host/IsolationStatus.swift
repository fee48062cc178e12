/// How one isolated library is.
package struct IsolationStatus: Sendable, Equatable {
    package enum State: String, Sendable {
        case starting, running, resting
        case quarantined = "in quarantine"
        case stopped
    }

    /// Absolute path.
    package var library: String
    package var state: State
    /// Why it rests, in words that follow the library; nil if it does not.
    package var reason: String?
}

extension IsolatedLibrary {
    var status: IsolationStatus {
        let (state, reason) = state.withLock { current -> (IsolationStatus.State, String?) in
            switch current.phase {
            case .starting: (.starting, nil)
            case .running: (.running, nil)
            case .pausing(.rest, let end): (.resting, end.words)
            case .pausing(.quarantine, let end): (.quarantined, end.words)
            case .stopped: (.stopped, nil)
            }
        }
        return IsolationStatus(library: file.path, state: state, reason: reason)
    }
}
