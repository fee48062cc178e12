import Encoding
import PluginKit

/// Fills a template with one payload.
struct Renderer {
    /// A loop in a loop over the same array grows with its square; beyond this size it has gone wrong.
    static let bytesMax = 4 << 20

    private let payload: [UInt8]
    private let whole: Range<Int>
    private let missing: MissingValue
    private let host: HostServices
    private(set) var output: [UInt8] = []
    // Places of the payload that were looked up already, so that a loop does not look them up each time.
    private var known: [[[UInt8]]: Range<Int>?] = [:]
    private var element: Range<Int> = 0..<0
    private var index = 0
    // Since the host was asked last: bytes that were looked through, and as many for each part as it may cost.
    private var work = 0

    /// payload: one JSON text.
    init(payload: [UInt8], missing: MissingValue, host: HostServices) {
        self.payload = payload
        whole = JSONScanner.range(ofValueIn: payload)
        self.missing = missing
        self.host = host
    }

    mutating func render(_ nodes: [Node]) throws(PluginError) {
        for node in nodes {
            switch node {
            case .literal(let bytes): output += bytes
            case .value(let reference, let escape, let fallback, let shown, let line):
                try write(reference, escape, fallback, shown, line)
            case .each(let reference, let separator, let body, let shown, let line):
                try loop(reference, separator, body, shown, line)
            case .condition(let reference, let yes, let no): try render(holds(reference) ? yes : no)
            }
            try checkBounds()
        }
    }

    /// After each part that adds to the output, and in each round of a loop, which may have no parts.
    private mutating func checkBounds() throws(PluginError) {
        guard output.count <= Self.bytesMax else {
            throw .permanent("The template's result is larger than \(Self.bytesMax) bytes.")
        }
        work += 256
        guard work >= 65_536 else { return }
        work = 0
        if host.isCancelled { throw .retryable("The template took too long for this payload.") }
    }

    private mutating func place(_ reference: Reference) -> Range<Int>? {
        switch reference {
        case .index: return nil
        case .element(let pointer): return find(pointer, within: element)
        case .payload(let pointer):
            if let found = known[pointer.tokens] { return found }
            let found = find(pointer, within: whole)
            known[pointer.tokens] = .some(found)
            return found
        }
    }

    /// Each step may look through all of the value.
    private mutating func find(_ pointer: JSONPointer, within value: Range<Int>) -> Range<Int>? {
        work += value.count * pointer.tokens.count
        return try? pointer.find(in: payload.span, within: value)
    }

    private func kind(_ place: Range<Int>) -> JSONKind {
        var cursor = JSONCursor(offset: place.lowerBound)
        return (try? cursor.peekKind(in: payload.span)) ?? .null
    }

    private mutating func write(
        _ reference: Reference, _ escape: Escape, _ fallback: String?, _ shown: String, _ line: Int
    ) throws(PluginError) {
        if reference == .index { return escaped(Array(String(index).utf8), escape) }
        guard let place = place(reference) else {
            if let fallback { return escaped(escape == .json ? quoted(fallback) : Array(fallback.utf8), escape) }
            guard missing == .empty else {
                throw .permanent("The payload has no \(shown), which the template wants in line \(line).")
            }
            if escape == .json { output += Array("null".utf8) }
            return
        }
        let kind = kind(place)
        if escape == .json {
            output += payload[place]
        } else if kind == .string {
            let text = JSONText(range: place.lowerBound + 1..<place.upperBound - 1, isEscaped: true)
            escaped(text.utf8(in: payload.span), escape)
        } else if kind != .null {
            escaped(Array(payload[place]), escape)
        }
    }

    private func quoted(_ text: String) -> [UInt8] {
        var output: [UInt8] = []
        JSONValue.writeQuoted(text, to: &output)
        return output
    }

    private mutating func escaped(_ text: [UInt8], _ escape: Escape) {
        switch escape {
        case .json, .text: output += text
        case .jsonString: output += quoted(String(decoding: text, as: UTF8.self)).dropFirst().dropLast()
        case .url: output += PercentEncoding.component.encode(text)
        case .form: output += PercentEncoding.form.encode(text)
        case .xml: for byte in text { appendXML(byte) }
        }
    }

    /// XML 1.0 has no way to write most control characters; U+FFFD stands for them. A line break is written as a
    /// reference, because a reader would turn a plain one in an attribute into a space.
    private mutating func appendXML(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "&"): output += Array("&amp;".utf8)
        case UInt8(ascii: "<"): output += Array("&lt;".utf8)
        case UInt8(ascii: ">"): output += Array("&gt;".utf8)
        case UInt8(ascii: "\""): output += Array("&quot;".utf8)
        case UInt8(ascii: "'"): output += Array("&#39;".utf8)
        case 0x09, 0x0A, 0x0D: output += Array("&#\(byte);".utf8)
        case ..<0x20: output += Array("\u{FFFD}".utf8)
        default: output.append(byte)
        }
    }

    private mutating func loop(
        _ reference: Reference, _ separator: [UInt8], _ body: [Node], _ shown: String, _ line: Int
    ) throws(PluginError) {
        guard let place = place(reference), kind(place) == .array else {
            if missing == .empty { return }
            throw .permanent("The payload has no array \(shown), which the template wants in line \(line).")
        }
        let outer = (element, index)
        defer { (element, index) = outer }
        var cursor = JSONCursor(offset: place.lowerBound)
        do {
            try cursor.enterArray(in: payload.span)
            index = 0
            while try cursor.nextElement(in: payload.span) {
                element = try cursor.skipValue(in: payload.span)
                try checkBounds()
                if index > 0 { output += separator }
                try render(body)
                index += 1
            }
        } catch let error as PluginError {
            throw error
        } catch {
            throw .bug("The payload changed while it was read.")
        }
    }

    private mutating func holds(_ reference: Reference) -> Bool {
        if reference == .index { return index > 0 }
        guard let place = place(reference) else { return false }
        switch kind(place) {
        case .null: return false
        case .bool: return payload[place.lowerBound] == UInt8(ascii: "t")
        case .string: return place.count > 2
        case .number: return true
        case .object, .array:
            work += place.count
            return !isEmpty(place)
        }
    }

    private func isEmpty(_ place: Range<Int>) -> Bool {
        payload[place].dropFirst().dropLast().allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
    }
}
