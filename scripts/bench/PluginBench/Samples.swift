import Glibc

/// Durations of single calls, in nanoseconds.
struct Samples {
    private var nanoseconds: [Int64] = []

    /// pause: microseconds before each call.
    mutating func take(calls: Int, pause: UInt32 = 0, _ call: () throws -> Void) rethrows {
        for _ in 0..<calls {
            if pause > 0 { usleep(pause) }
            let start = now()
            try call()
            nanoseconds.append(now() - start)
        }
    }

    /// One row of the table, in microseconds.
    func line(_ name: String) -> String {
        let sorted = nanoseconds.sorted()
        let mean = sorted.reduce(0, +) / Int64(sorted.count)
        let figures = [sorted[sorted.count / 2], sorted[sorted.count * 99 / 100], mean].map(inMicroseconds)
        let padding = String(repeating: " ", count: max(0, 46 - name.count))
        return "  " + name + padding + figures.map { String(repeating: " ", count: max(1, 9 - $0.count)) + $0 }.joined()
    }

    private func inMicroseconds(_ nanoseconds: Int64) -> String {
        let hundredths = (nanoseconds + 5) / 10
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    private func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// The folder of the program behind a link.
func folder(ofExecutable link: String) -> String {
    guard let resolved = realpath(link, nil) else { return "." }
    defer { free(resolved) }
    let path = String(cString: resolved)
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
}
