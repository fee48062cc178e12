import CCurl
import Domain
import Ports

/// A request's header lines as libcurl reads them: a list whose nodes and texts lie in memory that is used again for
/// the next request, where `curl_slist_append` would allocate twice a line.
///
/// libcurl only reads the list; it must not be handed to `curl_slist_free_all`.
final class HeaderLines {
    private var text: UnsafeMutableRawBufferPointer
    private var nodes: UnsafeMutableBufferPointer<curl_slist>

    init() {
        text = .allocate(byteCount: 2_048, alignment: 1)
        nodes = .allocate(capacity: 16)
    }

    deinit {
        text.deallocate()
        nodes.deallocate()
    }

    /// The first line of these fields and of what keeps libcurl from adding its own: a wait for "100 Continue", and a
    /// form's type. Valid until the next call.
    func layOut(_ fields: [HeaderField]) -> UnsafeMutablePointer<curl_slist>? {
        let extras: [StaticString] = hasContentType(fields) ? ["Expect:"] : ["Expect:", "Content-Type:"]
        makeRoom(lines: fields.count + extras.count, bytes: fields.reduce(64) { $0 + $1.bytes + 3 })
        var end = 0
        for (index, field) in fields.enumerated() {
            begin(index, at: end)
            end = put(field.name, at: end)
            // libcurl takes "name:" for the wish to leave a header out, and "name;" for an empty one.
            end = put(field.value.isEmpty ? ";" : ": ", at: end)
            end = put(field.value, at: end) + 1
        }
        for (index, line) in extras.enumerated() {
            begin(fields.count + index, at: end)
            end = line.withUTF8Buffer { put($0, at: end) } + 1
        }
        nodes[fields.count + extras.count - 1].next = nil
        return nodes.baseAddress
    }

    private func hasContentType(_ fields: [HeaderField]) -> Bool {
        fields.contains { $0.name.isExactlyIgnoringCase("Content-Type") }
    }

    private func makeRoom(lines: Int, bytes: Int) {
        if nodes.count < lines {
            nodes.deallocate()
            nodes = .allocate(capacity: lines * 2)
        }
        if text.count < bytes {
            text.deallocate()
            text = .allocate(byteCount: bytes * 2, alignment: 1)
        }
    }

    /// Each line but the last points at the one after it.
    private func begin(_ index: Int, at offset: Int) {
        let line = (text.baseAddress! + offset).assumingMemoryBound(to: CChar.self)
        nodes.initializeElement(at: index, to: curl_slist(data: line, next: nil))
        if index > 0 { nodes[index - 1].next = nodes.baseAddress! + index }
    }

    /// With a terminator, which the next piece overwrites. Returns the terminator's place.
    private func put(_ piece: String, at offset: Int) -> Int {
        var piece = piece
        return piece.withUTF8 { put($0, at: offset) }
    }

    private func put(_ piece: UnsafeBufferPointer<UInt8>, at offset: Int) -> Int {
        UnsafeMutableRawBufferPointer(rebasing: text[offset...]).copyBytes(from: piece)
        text[offset + piece.count] = 0
        return offset + piece.count
    }
}

extension HeaderField {
    fileprivate var bytes: Int { name.utf8.count + value.utf8.count }
}
