import Domain
import Ports

/// The lines of a server-sent event (WHATWG HTML, section 9.2.6). Pure.
enum StreamFrame {
    /// data: one line, as all our JSON is.
    static func event(_ type: String, data: [UInt8], at position: StreamPosition) -> [UInt8] {
        Array("id: \(position.text)\nevent: \(type)\ndata: ".utf8) + data + Array("\n\n".utf8)
    }

    /// What programs skip and people read.
    static func comment(_ text: String) -> [UInt8] { Array(": \(text)\n\n".utf8) }
}

extension StreamPosition {
    /// `731-12`: what clients keep as the last event's id and send back.
    var text: String { "\(transaction)-\(entry)" }

    /// Nil for anything that `text` does not write.
    init?(_ text: String) {
        let parts = text.pieces(at: "-", most: 2)
        guard parts.count == 2, let transaction = Int64(parts[0]), let entry = Int64(parts[1]) else { return nil }
        self.init(transaction: transaction, entry: entry)
        // Neither signs nor leading zeros.
        guard self.text.isExactly(text) else { return nil }
    }
}
