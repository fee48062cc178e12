import CSandbox
import Glibc

/// How a child ended, and whose call it was.
struct ProcessEnd: Equatable {
    enum Cause: Equatable {
        /// systemCall: what was refused, for SIGSYS.
        case signal(Int32, systemCall: String?)
        case exit(Int32)
        /// The host ended it, because a call did not come back.
        case overrun
        /// The host ended it, because an answer was no answer.
        case nonsense
        /// The host ended it, because it worked while it had no work.
        case idleWork
        /// The host ended it, because it was not ready in time.
        case slowStart
        /// It could not be started; the rest of a sentence that begins with the library.
        case notStarted(String)
        /// The host shut down or let go of it.
        case stopped
    }

    var cause: Cause
    /// The slots whose calls ended it. Empty: nobody knows, so every call is suspected.
    var culprits: Set<Int> = []
    /// The names of the plugins whose calls these were.
    var plugins: [String] = []
    /// It had used up its memory.
    var wasFull = false

    /// Whether the call in this slot may have ended it.
    func isDue(to slot: Int) -> Bool { culprits.isEmpty || culprits.contains(slot) }

    /// What the library did: `crashed with SIGSEGV`.
    var words: String {
        let memory = wasFull ? " after it had used up its memory" : ""
        switch cause {
        case .signal(SIGSYS, let call?):
            return "was ended with SIGSYS, because it made the system call \(call), which isolation does not allow"
        case .signal(SIGKILL, _): return "was ended with SIGKILL\(memory)"
        case .signal(let number, _): return "crashed with \(signalName(number))\(memory)"
        case .exit(let status): return "ended its process with status \(status)\(memory)"
        case .overrun: return "overran its deadline and was ended with SIGKILL"
        case .nonsense: return "gave an answer that is none and was ended with SIGKILL"
        case .idleWork: return "used the processor without a call and was ended with SIGKILL"
        case .slowStart: return "was not loaded in time and was ended with SIGKILL"
        case .notStarted(let reason): return reason
        case .stopped: return "was stopped"
        }
    }

    /// For a metric's label.
    var label: String {
        switch cause {
        case .signal(let number, _): signalName(number)
        case .exit: "exit"
        case .overrun: "overrun"
        case .nonsense: "nonsense"
        case .idleWork: "idle_work"
        case .slowStart: "slow_start"
        case .notStarted: "not_started"
        case .stopped: "stopped"
        }
    }
}

/// `SIGSEGV`.
func signalName(_ number: Int32) -> String {
    let names = [
        SIGSEGV: "SIGSEGV", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGFPE: "SIGFPE",
        SIGTRAP: "SIGTRAP", SIGKILL: "SIGKILL", SIGTERM: "SIGTERM", SIGSYS: "SIGSYS", SIGXFSZ: "SIGXFSZ",
    ]
    return names[number] ?? "signal \(number)"
}
