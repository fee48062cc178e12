/// One use of the host's services during a call, as the child passes it on with the answer.
enum Remark: Equatable {
    case log(level: Int32, message: String)
    case count(name: [UInt8], amount: UInt64)
    case store(StoredValue)

    static let perCallMax = 100

    func write(to wire: inout WireWriter) {
        switch self {
        case .log(let level, let message):
            wire.write(1 as UInt8)
            wire.write(UInt32(bitPattern: level))
            wire.write(message)
        case .count(let name, let amount):
            wire.write(2 as UInt8)
            wire.write(name)
            wire.write(amount)
        case .store(let value):
            wire.write(3 as UInt8)
            value.write(to: &wire)
        }
    }

    init(from wire: inout WireReader) throws(Malformed) {
        switch try wire.byte() {
        case 1: self = .log(level: Int32(bitPattern: try wire.word()), message: try wire.text())
        case 2: self = .count(name: try wire.bytes(), amount: try wire.number())
        case 3: self = .store(try StoredValue(from: &wire))
        default: throw Malformed()
        }
    }
}

/// A value of an instance's storage (host.h, store).
struct StoredValue: Equatable {
    var key: [UInt8]
    var bytes: [UInt8]
    /// Milliseconds since 1970.
    var expiresAt: Int64

    init(key: [UInt8], bytes: [UInt8], expiresAt: Int64) {
        self.key = key
        self.bytes = bytes
        self.expiresAt = expiresAt
    }

    func write(to wire: inout WireWriter) {
        wire.write(key)
        wire.write(bytes)
        wire.write(expiresAt)
    }

    init(from wire: inout WireReader) throws(Malformed) {
        key = try wire.bytes()
        bytes = try wire.bytes()
        expiresAt = try wire.signed()
    }
}
