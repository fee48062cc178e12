/// One library of this process, and how it is just now.
package struct PluginLibraryStatus: Sendable {
    package enum State: String, Sendable, CaseIterable {
        /// Its process is started for the first time.
        case starting
        case serving
        /// Its process has ended and starts again.
        case restarting
        /// Its process has ended too often in a row: events that need it wait.
        case quarantined
        case stopped
    }

    /// Absolute path.
    package var path: String
    /// SHA-256 of the file, lower-case hex.
    package var digest: String
    /// The generation of plugins that it came with.
    package var generation: Int
    /// It runs in a process of its own.
    package var isIsolated: Bool
    package var state: State
    /// Until it starts again; only while it rests or is in quarantine.
    package var pause: Duration?
    /// Why its process ended, naming plugin and signal; nil while it serves.
    package var reason: String?
    /// How often its process has been started anew.
    package var restarts: Int
    /// Why the version that lies there now was refused, while this one keeps serving: the end of a sentence.
    package var refusal: String?
    package var components: [PluginDescription]

    package init(
        path: String, digest: String, generation: Int, isIsolated: Bool = false, state: State = .serving,
        pause: Duration? = nil, reason: String? = nil, restarts: Int = 0, refusal: String? = nil,
        components: [PluginDescription]
    ) {
        self.path = path
        self.digest = digest
        self.generation = generation
        self.isIsolated = isIsolated
        self.state = state
        self.pause = pause
        self.reason = reason
        self.restarts = restarts
        self.refusal = refusal
        self.components = components
    }
}

/// An isolated library went into quarantine, or is out of it.
package struct QuarantineChange: Sendable, Equatable {
    package enum Turn: Sendable, Equatable {
        /// reason: a sentence that names plugin and signal: `PartnerStamp crashed with SIGSEGV`.
        case began(reason: String, lasts: Duration)
        case ended
    }

    package struct Component: Sendable, Equatable {
        package var kind: PluginKind
        package var name: String
        package var version: String

        package init(kind: PluginKind, name: String, version: String) {
            self.kind = kind
            self.name = name
            self.version = version
        }
    }

    package var turn: Turn
    /// All that are out of service with the library, or back with it.
    package var components: [Component]

    package init(_ turn: Turn, components: [Component]) {
        self.turn = turn
        self.components = components
    }
}

/// Hears of each quarantine once when it begins and once when it is over. Called on threads that deliver: it must not
/// block.
package typealias QuarantineWatch = @Sendable (QuarantineChange) -> Void
