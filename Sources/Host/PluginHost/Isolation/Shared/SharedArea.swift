import CSandbox
import Glibc

/// The memory that the host and one child share: a head, then a slot for each call that can be in flight.
///
///     head (8 KiB) │ slot 0: control (4 KiB), request, answer │ slot 1: …
///
/// The host writes the head before it starts the child. The child may write anywhere at any time, so the host copies
/// before it reads, and believes no length.
final class SharedArea: @unchecked Sendable {
    struct Shape: Equatable {
        /// Calls in flight at a time.
        var slots: Int
        /// Bytes of a request.
        var requestBytes: Int
        /// Bytes of an answer.
        var answerBytes: Int

        var slotBytes: Int { SharedArea.controlBytes + requestBytes + answerBytes }
        var bytes: Int { SharedArea.headBytes + slots * slotBytes }
    }

    static let headBytes = 8 << 10
    static let controlBytes = 4 << 10

    // Offsets in the head. Words that both sides wait on keep to cache lines of their own.
    private static let isReadyOffset = 0
    private static let isStoppingOffset = 64
    private static let orderBytesOffset = 128
    private static let ordersOffset = 192
    static let orderBytesMax = headBytes - ordersOffset

    let shape: Shape
    private let base: UnsafeMutableRawPointer

    /// Maps the memory behind a descriptor, which can be closed afterwards.
    init(mapping descriptor: Int32, _ shape: Shape) throws(Refused) {
        let mapped = mmap(nil, shape.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let mapped, mapped != MAP_FAILED else {
            throw Refused("has no memory to be called through: \(systemError())")
        }
        self.shape = shape
        base = mapped
    }

    deinit { munmap(base, shape.bytes) }

    /// 0 until the child has loaded the library and described it in slot 0's answer.
    var isReady: UnsafeMutablePointer<UInt32> { word(at: Self.isReadyOffset) }
    /// 1 once the host is shutting down.
    var isStopping: UnsafeMutablePointer<UInt32> { word(at: Self.isStoppingOffset) }

    /// What the child is to do, as it was written before the child began.
    var orders: [UInt8] {
        get {
            let count = Int((base + Self.orderBytesOffset).load(as: UInt64.self))
            return Array(UnsafeRawBufferPointer(start: base + Self.ordersOffset, count: min(count, Self.orderBytesMax)))
        }
        set {
            precondition(newValue.count <= Self.orderBytesMax, "orders are longer than the head has room for")
            (base + Self.orderBytesOffset).storeBytes(of: UInt64(newValue.count), as: UInt64.self)
            (base + Self.ordersOffset).copyMemory(from: newValue, byteCount: newValue.count)
        }
    }

    func slot(_ index: Int) -> CallSlot {
        precondition(index < shape.slots)
        return CallSlot(control: base + Self.headBytes + index * shape.slotBytes, shape: shape)
    }

    private func word(at offset: Int) -> UnsafeMutablePointer<UInt32> {
        (base + offset).assumingMemoryBound(to: UInt32.self)
    }
}
