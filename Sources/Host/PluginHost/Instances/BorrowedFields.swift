import PluginAPI
import Ports

/// Memory of one instance in which the text of a request or an answer is laid out for a call: grown when needed, kept
/// from call to call.
final class BorrowedFields {
    private var text: UnsafeMutableBufferPointer<UInt8>
    private var textUsed = 0
    private var fields: UnsafeMutableBufferPointer<hks_header>

    init() {
        text = .allocate(capacity: 0)
        fields = .allocate(capacity: 0)
    }

    deinit {
        text.deallocate()
        fields.deallocate()
    }

    /// Lays out the header fields after room for `extra` bytes of other text. Views of the call before are void.
    func layOut(_ headers: [HeaderField], extra: Int) -> UnsafePointer<hks_header>? {
        let needed = headers.reduce(extra) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        if text.count < needed {
            text.deallocate()
            text = .allocate(capacity: max(needed, 1_024))
        }
        if fields.count < headers.count {
            fields.deallocate()
            fields = .allocate(capacity: max(headers.count, 16))
        }
        textUsed = 0
        for (index, header) in headers.enumerated() {
            fields.initializeElement(at: index, to: hks_header(name: view(header.name), value: view(header.value)))
        }
        return UnsafePointer(fields.baseAddress)
    }

    /// Copies a text in; it must have been counted in `extra`.
    func view(_ string: String) -> hks_bytes {
        guard let base = text.baseAddress else { return hks_bytes() }
        let start = textUsed
        textUsed = text[start...].initialize(fromContentsOf: string.utf8)
        return hks_bytes(data: base + start, size: UInt64(textUsed - start))
    }
}
