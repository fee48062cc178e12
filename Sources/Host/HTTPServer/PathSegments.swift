/// A request's path, split at its slashes and percent-decoded (RFC 3986, section 2.1). One flat buffer, so that a
/// path costs two allocations whatever its depth.
struct PathSegments {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    /// Nil for a path that does not begin with a slash or has a bad escape. A slash that was escaped is part of its
    /// segment.
    init?(_ path: UnsafeBufferPointer<UInt8>) {
        guard path.first == UInt8(ascii: "/") else { return nil }
        bytes.reserveCapacity(path.count)
        ends.reserveCapacity(8)
        var index = 1
        while index < path.count {
            switch path[index] {
            case UInt8(ascii: "/"):
                ends.append(bytes.count)
                index += 1
            case UInt8(ascii: "%"):
                guard index + 2 < path.count, let high = hexDigit(path[index + 1]), let low = hexDigit(path[index + 2])
                else { return nil }
                bytes.append(high << 4 | low)
                index += 3
            case let byte:
                bytes.append(byte)
                index += 1
            }
        }
        ends.append(bytes.count)
    }

    var count: Int { ends.count }

    subscript(_ index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

    /// Nil if the segment is not UTF-8 or has a NUL, which no text of ours may carry.
    func text(_ index: Int) -> String? {
        let segment = self[index]
        return segment.contains(0) ? nil : String(validating: segment, as: UTF8.self)
    }
}

func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
}

/// Decodes the escapes of a query's name or value; nil for a bad escape or bytes that are not UTF-8. The server
/// library has already turned `+` into a space.
func percentDecoded(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    guard bytes.contains(UInt8(ascii: "%")) else { return String(validating: bytes, as: UTF8.self) }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
        if bytes[index] == UInt8(ascii: "%") {
            guard index + 2 < bytes.count, let high = hexDigit(bytes[index + 1]), let low = hexDigit(bytes[index + 2])
            else { return nil }
            decoded.append(high << 4 | low)
            index += 3
        } else {
            decoded.append(bytes[index])
            index += 1
        }
    }
    return String(validating: decoded, as: UTF8.self)
}
