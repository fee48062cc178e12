/// Whether the fields of a request, in order, are all there is in its head: between them only line ends, colons and
/// white space.
///
/// libmicrohttpd 0.9 puts the rest of a folded line behind the field's *name*, and ends a value at a NUL. Either way
/// a field can hide, or appear, that a proxy before us reads otherwise (RFC 9112, section 5.2). It parses in place and
/// puts a NUL where a line end or a colon was, so the places of the texts tell what it has left out.
struct HeadCheck {
    /// CR and LF.
    private static let lineEnd = 2

    private let head: UnsafeRawBufferPointer
    /// Where the last value ended; nil before the first field.
    private var end: UnsafeRawPointer?
    private var isBroken = false

    /// head: from the method to the empty line; must stay as it is until the check is over.
    init(_ head: UnsafeRawBufferPointer) { self.head = head }

    mutating func pass(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        guard let nameStart = name.baseAddress, let valueStart = value.baseAddress else {
            isBroken = true
            return
        }
        let isNext = end.map { isBlank($0, nameStart, marks: Self.lineEnd) } ?? isWithin(nameStart)
        if !isNext || !isBlank(nameStart + name.count, valueStart, marks: 1) { isBroken = true }
        end = valueStart + value.count
    }

    /// After the last field.
    var isPassed: Bool {
        guard !isBroken else { return false }
        // A request without a field has nothing to hide.
        guard let end, let start = head.baseAddress else { return true }
        return isBlank(end, start + head.count, marks: 2 * Self.lineEnd)
    }

    private func isWithin(_ place: UnsafeRawPointer) -> Bool {
        guard let start = head.baseAddress else { return false }
        return place >= start && place <= start + head.count
    }

    /// From a text's end to the next one's start. marks: at most so many characters may have been overwritten with
    /// NUL; one more was there before.
    private func isBlank(_ start: UnsafeRawPointer, _ end: UnsafeRawPointer, marks: Int) -> Bool {
        guard isWithin(start), isWithin(end), start < end else { return false }
        var left = marks
        for byte in UnsafeRawBufferPointer(start: start, count: end - start) {
            switch byte {
            case 0 where left > 0: left -= 1
            case 9, 10, 13, 32: continue
            default: return false
            }
        }
        return true
    }
}
