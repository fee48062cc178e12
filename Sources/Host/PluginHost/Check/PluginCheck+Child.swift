import Glibc

extension PluginCheck {
    /// How a child ended.
    private enum End {
        case exited(Int32)
        case signalled(Int32)
        case silent
        case notStarted(String)
    }

    /// The parent's side: runs the checks in processes of their own. Blocking.
    ///
    /// executable, arguments: what makes a child call `runChecks`, once the plan's words are behind them. replay: the
    /// command line that a person would repeat this check with, but for the seed. timeout: how long a child may say
    /// nothing before it is killed; each step of a check says something.
    package static func runInChildren(
        executable: String, arguments: [String], plan: CheckPlan, replay: String, timeout: Duration = .seconds(20)
    ) -> CheckReport {
        var (findings, offers) = runChild(executable, arguments + plan.words, plan, timeout)
        for number in 0..<offers {
            var plan = plan
            plan.component = number
            findings += runChild(executable, arguments + plan.words, plan, timeout).findings
        }
        for index in findings.indices where !findings[index].passed {
            guard findings[index].check == CheckName.fuzz.rawValue else { continue }
            findings[index].reason += "; to repeat it: \(replay) --seed \(findings[index].seed)"
        }
        return CheckReport(findings: findings)
    }

    private static func runChild(
        _ executable: String, _ arguments: [String], _ plan: CheckPlan, _ timeout: Duration
    ) -> (findings: [CheckFinding], offers: Int) {
        var findings: [CheckFinding] = []
        var offers = 0
        var last: (component: String, check: String, detail: String, seed: UInt64, since: Int64) =
            ("", CheckName.file.rawValue, "", plan.seed, monotonicNanoseconds())
        var isDone = false
        let end = readLines(executable, arguments, timeout) { line in
            switch CheckMessage(line: line) {
            case .starting(let component, let check, let detail, let seed):
                let since = check == last.check ? last.since : monotonicNanoseconds()
                last = (component, check, detail, seed, since)
            case .finding(let finding): findings.append(finding)
            case .offers(let count): offers = count
            case .done: isDone = true
            case nil: break
            }
        }
        let hasFailed = findings.contains { !$0.passed }
        let check = CheckName(rawValue: last.check)
        if let complaint = complaint(end, isDone: isDone, hasFailed: hasFailed, check: check) {
            let place = last.detail.isEmpty ? "" : " (\(last.detail))"
            findings.append(
                CheckFinding(
                    component: last.component, check: last.check, passed: false, reason: complaint + place,
                    seed: last.seed, milliseconds: Int((monotonicNanoseconds() - last.since) / 1_000_000)))
        }
        return (findings, offers)
    }

    /// What is wrong with the way the child ended; nil for one that said all it had to say.
    private static func complaint(_ end: End, isDone: Bool, hasFailed: Bool, check: CheckName?) -> String? {
        switch end {
        case .notStarted(let reason): "the checking process could not be started: \(reason)"
        case .silent: "did not come back; the process was killed"
        case .signalled(let signal) where signal == SIGSEGV && check == .ownership:
            "kept a borrowed input and used it after the call that lent it (\(name(ofSignal: signal)))"
        case .signalled(let signal) where signal == SIGSEGV && check == .bounds:
            "read past a borrowed input or wrote to it (\(name(ofSignal: signal)))"
        case .signalled(let signal): "crashed with \(name(ofSignal: signal))"
        case .exited(let status) where !isDone: "ended the process, with status \(status)"
        case .exited(let status) where status != 0 && !hasFailed:
            "failed, and the finding was lost: the process ended with status \(status)"
        case .exited: nil
        }
    }

    private static func name(ofSignal signal: Int32) -> String {
        let names = [
            SIGSEGV: "SIGSEGV", SIGABRT: "SIGABRT", SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGFPE: "SIGFPE",
            SIGTRAP: "SIGTRAP", SIGKILL: "SIGKILL", SIGTERM: "SIGTERM", SIGSYS: "SIGSYS",
        ]
        return names[signal] ?? "signal \(signal)"
    }

    private static func readLines(
        _ executable: String, _ arguments: [String], _ timeout: Duration, _ take: (ArraySlice<UInt8>) -> Void
    ) -> End {
        var ends: [Int32] = [-1, -1]
        // A pair of sockets and not a pipe: it is born with close-on-exec, so no other child can hold its end open.
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return .notStarted(systemError()) }
        let started = spawn(executable, arguments, standardOutput: ends[1])
        close(ends[1])
        defer { close(ends[0]) }
        guard case .success(let child) = started else {
            if case .failure(let refused) = started { return .notStarted(refused.sentence) }
            return .notStarted("")
        }
        var pending: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            var poll = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
            let ready = Glibc.poll(&poll, 1, Int32(clamping: timeout.inNanoseconds / 1_000_000))
            if ready < 0 && errno == EINTR { continue }
            guard ready > 0 else { return killed(child) }
            let count = read(ends[0], &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            pending += buffer[..<count]
            while let lineFeed = pending.firstIndex(of: UInt8(ascii: "\n")) {
                take(pending[..<lineFeed])
                pending.removeSubrange(...lineFeed)
            }
        }
        return end(of: child, within: timeout)
    }

    private static func spawn(
        _ executable: String, _ arguments: [String], standardOutput: Int32
    ) -> Result<pid_t, Refused> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, standardOutput, 1)
        var texts = ([executable] + arguments).map { strdup($0) }
        defer { for text in texts { free(text) } }
        texts.append(nil)
        var child = pid_t()
        var environment = environmentWithoutBacktraces()
        defer { for text in environment { free(text) } }
        environment.append(nil)
        let code = posix_spawn(&child, executable, &actions, nil, texts, environment)
        return code == 0 ? .success(child) : .failure(Refused(systemError(code)))
    }

    /// A crash is a finding here: Swift's own account of it would only bury the finding.
    private static func environmentWithoutBacktraces() -> [UnsafeMutablePointer<CChar>?] {
        var texts: [UnsafeMutablePointer<CChar>?] = [strdup("SWIFT_BACKTRACE=enable=no")]
        var index = 0
        while let entry = environ[index] {
            if strncmp(entry, "SWIFT_BACKTRACE=", 16) != 0 { texts.append(strdup(entry)) }
            index += 1
        }
        return texts
    }

    /// The child has closed its output, which is the last thing it does unless a plugin did it.
    private static func end(of child: pid_t, within timeout: Duration) -> End {
        var status: Int32 = 0
        let limit = monotonicNanoseconds() + timeout.inNanoseconds
        var pause = timespec(tv_sec: 0, tv_nsec: 1_000_000)
        while true {
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child { break }
            guard ended == 0 || errno == EINTR, monotonicNanoseconds() < limit else { return killed(child) }
            nanosleep(&pause, nil)
        }
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
    }

    private static func killed(_ child: pid_t) -> End {
        kill(child, SIGKILL)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 && errno == EINTR {}
        return .silent
    }
}
