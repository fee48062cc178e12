import Domain
import Ports

/// The body of a message: work items in a compact binary layout, so that neither side reads the store.
///
/// Integers are big-endian. Layout of version 1: version (1 byte), event id (16), tenant id (16), destination id
/// (16), attempts finished (4), attempts this round (4), accepted at in microseconds since 1970 (8, signed), length
/// of the content type (1) and its UTF-8, length of the traceparent (1) and its UTF-8, and the payload to the end.
///
/// Layout of version 2: version (1 byte), then one to 64 times the length of what follows (4) and a whole message of
/// version 1 or 3. An item that travels alone is never written as version 2.
///
/// Version 3 is version 1 for a test event; all others go out as version 1, which every node can read.
package enum MessageCodec {
    package static let version: UInt8 = 1
    package static let bundleVersion: UInt8 = 2
    static let testVersion: UInt8 = 3
    /// Items in one message; each is a bit of what `AckLedger` keeps for it.
    package static let itemsMost = 64
    /// Bytes before the two texts and the payload, their lengths included.
    static let fixedBytes = 1 + 3 * 16 + 4 + 4 + 8 + 2
    /// From 1970 to the end of the year 9999, in microseconds: what can be reckoned with and written down.
    static let times: ClosedRange<Int64> = 0...253_402_300_799_999_999

    /// Bytes of the item's message of version 1.
    static func size(of item: WorkItem) -> Int {
        fixedBytes + item.contentType.utf8.count + item.traceparent.utf8.count + item.payload.count
    }

    /// Appends the item's message of version 1. False, and nothing is appended, for an item that the layout has no
    /// room for: a text over 255 bytes, a negative count, a time out of range.
    package static func append(_ item: WorkItem, to buffer: inout [UInt8]) -> Bool {
        guard let typeLength = UInt8(exactly: item.contentType.utf8.count),
            let traceLength = UInt8(exactly: item.traceparent.utf8.count),
            let finished = UInt32(exactly: item.attemptsFinished),
            let thisRound = UInt32(exactly: item.attemptsThisRound),
            times.contains(item.acceptedAt.microseconds)
        else { return false }
        buffer.append(item.isTest ? testVersion : version)
        append(item.eventID, to: &buffer)
        append(item.tenantID, to: &buffer)
        append(item.destinationID, to: &buffer)
        append(finished, to: &buffer)
        append(thisRound, to: &buffer)
        append(item.acceptedAt.microseconds, to: &buffer)
        buffer.append(typeLength)
        buffer.append(contentsOf: item.contentType.utf8)
        buffer.append(traceLength)
        buffer.append(contentsOf: item.traceparent.utf8)
        buffer.append(contentsOf: item.payload)
        return true
    }

    /// The items of a message, in order; never none. bytes: borrowed until return. Reads nothing beyond them,
    /// whatever they say.
    package static func decode(_ bytes: UnsafeRawBufferPointer) throws(MessageFault) -> [WorkItem] {
        guard bytes.first == bundleVersion else { return [try decodeOne(bytes)] }
        var reader = MessageReader(bytes, from: 1)
        var items: [WorkItem] = []
        repeat {
            guard items.count < itemsMost else { throw .tooManyItems }
            items.append(try decodeOne(try reader.block()))
        } while !reader.isAtEnd
        return items
    }

    private static func decodeOne(_ bytes: UnsafeRawBufferPointer) throws(MessageFault) -> WorkItem {
        guard let first = bytes.first else { throw .empty }
        guard first == version || first == testVersion else { throw .unknownVersion(first) }
        var reader = MessageReader(bytes, from: 1)
        let eventID: EventID = try reader.id()
        let tenantID: TenantID = try reader.id()
        let destinationID: DestinationID = try reader.id()
        let finished = try reader.integer(UInt32.self)
        let thisRound = try reader.integer(UInt32.self)
        let acceptedAt = try reader.integer(Int64.self)
        guard times.contains(acceptedAt) else { throw .timeOutOfRange }
        let contentType = try reader.shortText()
        let traceparent = try reader.shortText()
        return WorkItem(
            eventID: eventID, tenantID: tenantID, destinationID: destinationID, attemptsFinished: Int(finished),
            attemptsThisRound: Int(thisRound), acceptedAt: Timestamp(microseconds: acceptedAt),
            contentType: contentType, traceparent: traceparent, isTest: first == testVersion, payload: reader.rest())
    }

    private static func append(_ id: ID<some Any>, to buffer: inout [UInt8]) {
        append(id.high, to: &buffer)
        append(id.low, to: &buffer)
    }

    static func append(_ number: some FixedWidthInteger, to buffer: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { buffer.append(contentsOf: $0) }
    }
}

/// Why a message cannot be read.
package enum MessageFault: Error, Equatable, CustomStringConvertible {
    case empty
    case unknownVersion(UInt8)
    case truncated
    case timeOutOfRange
    case textIsNotUTF8
    case tooManyItems
    case tooLong(bytes: UInt64)

    package var description: String {
        switch self {
        case .empty: "The message is empty."
        case .unknownVersion(let version): "The message says layout version \(version), which is not known here."
        case .truncated: "The message ends before its fields do."
        case .timeOutOfRange: "The message's time is before 1970 or after 9999."
        case .textIsNotUTF8: "A text in the message is not UTF-8."
        case .tooManyItems: "The message has more than \(MessageCodec.itemsMost) items."
        case .tooLong(let bytes): "The message has \(bytes) bytes, more than a worker reads."
        }
    }
}
