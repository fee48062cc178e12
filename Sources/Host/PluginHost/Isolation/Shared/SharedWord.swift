import CSandbox

/// A counter in shared memory that one side sets and the other waits on.
///
/// Who waits spins for a moment, then says that it sleeps and does; who sets wakes only a sleeper, so that a busy pair
/// makes no system call.
struct SharedWord {
    let word: UnsafeMutablePointer<UInt32>
    let sleeps: UnsafeMutablePointer<UInt32>

    var value: UInt32 { sandbox_load(word) }

    func set(_ value: UInt32) {
        sandbox_store(word, value)
        if sandbox_load(sleeps) != 0 { sandbox_futex_wake_all(word) }
    }

    /// Wakes the sleeper whatever it says of itself.
    func setAndWake(_ value: UInt32) {
        sandbox_store(word, value)
        sandbox_futex_wake_all(word)
    }

    /// Waits until the word is another than `known`. deadline: of the monotonic clock; nil: none. False if it is
    /// still the same then.
    func wait(whileIs known: UInt32, until deadline: Int64?, _ spin: inout AdaptiveSpin) -> Bool {
        for _ in 0..<spin.begin() {
            if sandbox_load(word) != known {
                spin.paid()
                return true
            }
            sandbox_pause()
        }
        if sandbox_load(word) != known { return true }
        spin.failed()
        sandbox_store(sleeps, 1)
        defer { sandbox_store(sleeps, 0) }
        while sandbox_load(word) == known {
            guard let deadline else {
                sandbox_futex_wait(word, known, -1)
                continue
            }
            let left = deadline - monotonicNanoseconds()
            guard left > 0 else { return false }
            sandbox_futex_wait(word, known, left)
        }
        return true
    }
}

/// How long to spin before sleeping: longer while it pays, hardly at all while it does not, since on a busy machine
/// the other side may need this very processor. A value without clock.
struct AdaptiveSpin: Equatable {
    /// About 20 µs.
    static let turnsMax = 512
    static let turnsMin = 16
    /// Waits without spinning, after which one tries again.
    static let abstinence = 16

    private var turns = 128
    private var abstaining = 0

    /// How many turns to spin this time.
    mutating func begin() -> Int {
        guard turns < Self.turnsMin else { return turns }
        abstaining += 1
        guard abstaining >= Self.abstinence else { return 0 }
        abstaining = 0
        return Self.turnsMin * 4
    }

    mutating func paid() { turns = min(Self.turnsMax, max(turns * 2, Self.turnsMin * 2)) }
    mutating func failed() { turns /= 2 }
}
