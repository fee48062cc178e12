import Glibc

/// Bytes that are wiped before their memory is given back. What stays secret for long belongs in one of these:
/// an array or a string leaves its bytes behind in freed memory.
public final class Secret {
    private let storage: UnsafeMutableBufferPointer<UInt8>

    /// Copies `prefix` and, after it, `bytes`.
    public init(prefix: String = "", _ bytes: Span<UInt8>) {
        storage = .allocate(capacity: prefix.utf8.count + bytes.count)
        var index = storage.initialize(fromContentsOf: Array(prefix.utf8))
        for offset in bytes.indices {
            storage.initializeElement(at: index, to: bytes[offset])
            index += 1
        }
    }

    /// Copies a text that was no secret before.
    public convenience init(text: String) {
        self.init(prefix: text, Span())
    }

    /// Copies `prefix` and, after it, another secret.
    public convenience init(prefix: String, _ secret: Secret) {
        self.init(prefix: prefix, UnsafeBufferPointer(secret.storage).span)
    }

    /// Takes the bytes over and wipes the array they came in, if nobody else holds it.
    public convenience init(wiping bytes: inout [UInt8]) {
        self.init(bytes.span)
        bytes.withUnsafeMutableBytes { if let address = $0.baseAddress { explicit_bzero(address, $0.count) } }
        bytes = []
    }

    public var count: Int { storage.count }

    /// Lends the bytes; they must not be kept.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeBufferPointer(storage))
    }

    deinit {
        if let address = storage.baseAddress { explicit_bzero(address, storage.count) }
        storage.deallocate()
    }
}
