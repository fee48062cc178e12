import CSandbox
import Glibc
import PluginAPI
import Ports
import Synchronization

/// What one instance may ask of the host, behind the table of host.h. It belongs to the instance's thread of the
/// moment, like the instance.
///
/// A request from outside a call, or from another thread than the call's, breaks a promise of host.h; it gets
/// nothing and is logged.
final class HostServices {
    /// What all instances of a registry share.
    struct Shared: Sendable {
        var storage: InstanceStorage
        var isShuttingDown: Flag
    }

    /// A flag that is set once. Unchecked for the word, which is only read.
    final class Flag: @unchecked Sendable {
        private let value = Atomic<Bool>(false)
        private let mirrored: UnsafePointer<UInt32>?

        init() { mirrored = nil }

        /// word: set by another process; lives as long as the flag.
        init(mirroring word: UnsafeMutablePointer<UInt32>) { mirrored = UnsafePointer(word) }

        var isSet: Bool { value.load(ordering: .relaxed) || mirrored.map { sandbox_load($0) != 0 } ?? false }
        func set() { value.store(true, ordering: .relaxed) }
    }

    private let component: Component
    private let shared: Shared
    private let storageKey: String
    private let secrets: [[UInt8]]

    private var caller: pthread_t?
    private var deadline: Int64 = 0
    private var context = PluginCallContext()
    private var reported: [UInt8]?
    private var reportedPosition = Interface.noPosition
    // What `load` lent out; freed by the next store or load, or by `end`.
    private var lent: UnsafeMutableBufferPointer<UInt8>?

    /// secrets: texts to keep out of sentences.
    init(component: Component, shared: Shared, storageKey: String, secrets: [[UInt8]]) {
        self.component = component
        self.shared = shared
        self.storageKey = storageKey
        self.secrets = PluginSentence.searchOrder(secrets)
    }

    deinit { takeBackLent() }

    // MARK: The call under way

    func begin(deadline: Int64, context: PluginCallContext) {
        self.deadline = deadline
        self.context = context
        reported = nil
        reportedPosition = Interface.noPosition
        caller = pthread_self()
    }

    func end() {
        caller = nil
        takeBackLent()
    }

    /// What the call that has just ended reported last; nil if nothing.
    var reportedSentence: String? {
        guard let reported, !reported.isEmpty else { return nil }
        return PluginSentence.cleaned(reported, limit: PluginSentence.reportBytesMax, secrets: secrets)
    }

    /// Byte offset into the call's input.
    var position: Int? {
        reportedPosition == Interface.noPosition ? nil : Int(clamping: reportedPosition)
    }

    // MARK: The services

    func report(_ sentence: hks_bytes, position: UInt64) {
        guard isInside("report") else { return }
        let limit = PluginSentence.bytesRead(limit: PluginSentence.reportBytesMax, secrets: secrets)
        reported = sentence.prefix(limit)
        reportedPosition = position
    }

    func log(_ level: Int32, _ message: hks_bytes) {
        guard isInside("log") else { return }
        let limit = PluginSentence.logBytesMax
        let bytes = message.prefix(PluginSentence.bytesRead(limit: limit, secrets: secrets))
        component.log(level, PluginSentence.cleaned(bytes, limit: limit, secrets: secrets), context)
    }

    func randomBytes(_ bytes: UnsafeMutablePointer<UInt8>?, _ size: UInt64) -> Int32 {
        guard isInside("random_bytes") else { return Status.internal }
        guard size > 0 else { return Status.ok }
        guard let bytes else { return Status.internal }
        let size = Int(clamping: size)
        // getentropy gives at most 256 bytes at a time.
        for start in stride(from: 0, to: size, by: 256) {
            guard getentropy(bytes + start, min(256, size - start)) == 0 else { return Status.internal }
        }
        return Status.ok
    }

    func store(_ key: hks_bytes, _ value: hks_bytes, expiresAt: Int64) -> Int32 {
        guard isInside("store") else { return Status.permanent }
        takeBackLent()
        guard let key = key.copied(limit: InstanceStorage.keyBytesMax),
            let value = value.copied(limit: InstanceStorage.valueBytesMax)
        else { return Status.permanent }
        let isStored = shared.storage.store(
            value, as: key, expiresAt: expiresAt, on: storageKey, now: wallMilliseconds())
        guard isStored else { return Status.permanent }
        RemarkCollector.ofThisThread?.add(.store(StoredValue(key: key, bytes: value, expiresAt: expiresAt)))
        return Status.ok
    }

    func load(_ key: hks_bytes, into value: UnsafeMutablePointer<hks_bytes>?) -> Int32 {
        guard isInside("load"), let value else { return Status.retryable }
        takeBackLent()
        value.pointee = hks_bytes()
        guard let key = key.copied(limit: InstanceStorage.keyBytesMax),
            let bytes = shared.storage.load(key, on: storageKey, now: wallMilliseconds())
        else { return Status.retryable }
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = buffer.initialize(from: bytes)
        lent = buffer
        value.pointee = hks_bytes(UnsafeBufferPointer(buffer))
        return Status.ok
    }

    func count(_ name: hks_bytes, _ amount: UInt64) {
        guard isInside("count"), name.size <= 100 else { return }
        let name = name.prefix(100)
        if let collector = RemarkCollector.ofThisThread { return collector.add(.count(name: name, amount: amount)) }
        component.meters.count(name, amount)
    }

    var isCancelled: Bool { shared.isShuttingDown.isSet || monotonicNanoseconds() >= deadline }

    private func isInside(_ service: String) -> Bool {
        if let caller, pthread_equal(caller, pthread_self()) != 0 { return true }
        component.misbehaved("used host->\(service) outside of its own calls", context)
        return false
    }

    private func takeBackLent() {
        guard let buffer = lent else { return }
        // Stored values are tokens, mostly.
        if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
        buffer.deallocate()
        lent = nil
    }
}
