import CSandbox
import Glibc
import Synchronization

/// One child at work, from its start to its end. A new start makes a new one.
final class ChildProcess: Sendable {
    /// Answers of one process carry its number: an instance made by an earlier one is gone.
    let generation: UInt64
    let area: SharedArea
    let process: pid_t
    /// Open as long as this lives, so that a signal never goes to another process.
    private let descriptor: Int32
    private let end = Mutex<ProcessEnd?>(nil)
    /// Why the host ended it, and on account of which slot.
    private let sentence = Mutex<(cause: ProcessEnd.Cause, slot: Int?)?>(nil)

    /// Starts it. Only from a thread that lives as long as the child may: it ends with its parent's thread.
    init(
        executable: String, arguments: [String], image: LibraryImage, orders: ChildOrders, shape: SharedArea.Shape,
        generation: UInt64
    ) throws(Refused) {
        self.generation = generation
        let memory = sandbox_shared_memory(Int64(shape.bytes))
        guard memory >= 0 else { throw Refused("has no memory to be called through: \(systemError())") }
        defer { close(memory) }
        area = try SharedArea(mapping: memory, shape)
        area.orders = orders.written
        let words = arguments + [orders.library] + [shape.slots, shape.requestBytes, shape.answerBytes].map(String.init)
        process = try Self.spawn([executable] + words, area: memory, image: image)
        descriptor = sandbox_open_process(process)
        guard descriptor >= 0 else {
            let reason = systemError()
            Glibc.kill(process, SIGKILL)
            _ = sandbox_reap(process)
            throw Refused("could not be watched: \(reason)")
        }
    }

    deinit { close(descriptor) }

    // MARK: Its end

    /// Nil while it lives, as far as is known.
    var knownEnd: ProcessEnd? { end.withLock { $0 } }

    /// slot: whose call is to blame. The first reason counts.
    func kill(_ cause: ProcessEnd.Cause, slot: Int? = nil) {
        sentence.withLock { if $0 == nil { $0 = (cause, slot) } }
        sandbox_kill(descriptor)
    }

    /// Waits for its end. False: it still lives.
    func hasEnded(within milliseconds: Int32) -> Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, milliseconds) > 0
    }

    /// After `hasEnded`, once: takes down how, and wakes every call that waits for an answer.
    func reap() -> ProcessEnd {
        let found = readEnd(status: sandbox_reap(process))
        end.withLock { $0 = found }
        for index in 0..<area.shape.slots {
            let answered = area.slot(index).answered
            answered.setAndWake(answered.value &+ 1)
        }
        return found
    }

    private func readEnd(status: Int32) -> ProcessEnd {
        if let (cause, slot) = sentence.withLock({ $0 }) {
            return ProcessEnd(cause: cause, culprits: slot.map { [$0] } ?? [])
        }
        var culprits: Set<Int> = []
        var systemCall: String?
        var wasFull = false
        for index in 0..<area.shape.slots {
            let words = area.slot(index).lastWords.pointee
            guard words.cause != 0 else { continue }
            culprits.insert(index)
            wasFull = wasFull || words.is_full != 0
            if words.cause == SIGSYS { systemCall = String(cString: sandbox_system_call_name(words.system_call)) }
        }
        let signal = status & 0x7F
        return ProcessEnd(
            cause: signal == 0 ? .exit(status >> 8 & 0xFF) : .signal(signal, systemCall: systemCall),
            culprits: culprits, wasFull: wasFull)
    }

    /// Processor time it has used, in nanoseconds.
    var processorTime: Int64 {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    // MARK: Its start

    /// With next to no environment, no open file but the shared memory and the library, no blocked signal, and a
    /// process group of its own, so that Ctrl-C in a terminal is the host's alone to deal with.
    private static func spawn(_ words: [String], area: Int32, image: LibraryImage) throws(Refused) -> pid_t {
        // Away from the low numbers, which are overwritten one after the other.
        let areaSource = fcntl(area, F_DUPFD_CLOEXEC, 64)
        let imageSource = fcntl(image.descriptor, F_DUPFD_CLOEXEC, 64)
        defer {
            close(areaSource)
            close(imageSource)
        }
        guard areaSource >= 0, imageSource >= 0 else { throw Refused("could not be started: \(systemError())") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in 0...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, areaSource, PluginChild.areaDescriptor)
        posix_spawn_file_actions_adddup2(&actions, imageSource, PluginChild.imageDescriptor)
        sandbox_close_from(&actions, PluginChild.imageDescriptor + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var texts = words.map { strdup($0) }
        defer { for text in texts { free(text) } }
        texts.append(nil)
        var environment = childEnvironment()
        defer { for text in environment { free(text) } }
        environment.append(nil)
        var process = pid_t()
        let code = posix_spawn(&process, words[0], &actions, &attributes, texts, environment)
        guard code == 0 else { throw Refused("could not be started: \(systemError(code))") }
        return process
    }

    /// Where the executable's own libraries are is the one thing it may have to know.
    private static func childEnvironment() -> [UnsafeMutablePointer<CChar>?] {
        var texts: [UnsafeMutablePointer<CChar>?] = [strdup("SWIFT_BACKTRACE=enable=no")]
        if let path = getenv("LD_LIBRARY_PATH") { texts.append(strdup("LD_LIBRARY_PATH=\(String(cString: path))")) }
        return texts
    }
}
