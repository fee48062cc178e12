import Domain
import Ports
import RabbitBroker
import Testing

@Suite("Message codec")
struct MessageCodecTests {
    private func encode(_ item: WorkItem) -> [UInt8]? {
        var bytes: [UInt8] = [9, 9]
        guard MessageCodec.append(item, to: &bytes) else {
            #expect(bytes == [9, 9])
            return nil
        }
        return Array(bytes.dropFirst(2))
    }

    private func decode(_ bytes: [UInt8]) throws(MessageFault) -> WorkItem {
        let items = try decodeAll(bytes)
        #expect(items.count == 1)
        return items[0]
    }

    private func decodeAll(_ bytes: [UInt8]) throws(MessageFault) -> [WorkItem] {
        // A copy of exactly this size, so that a read beyond the end is a read out of bounds.
        try bytes.withUnsafeBufferPointer { (bytes) throws(MessageFault) in
            try MessageCodec.decode(UnsafeRawBufferPointer(bytes))
        }
    }

    private static let items: [String: WorkItem] = {
        var extreme = makeItem(3, payload: [])
        extreme.attemptsFinished = Int(UInt32.max)
        extreme.attemptsThisRound = Int(UInt32.max)
        extreme.acceptedAt = Timestamp(microseconds: 253_402_300_799_999_999)
        extreme.contentType = ""
        extreme.traceparent = ""
        var long = makeItem(4, payload: makePayload(bytes: 1 << 20))
        long.contentType = String(repeating: "é", count: 127)
        long.traceparent = String(repeating: "t", count: 255)
        return [
            "small": makeItem(1), "ordinary": makeItem(2, payload: makePayload(bytes: 600)), "extreme": extreme,
            "long": long,
        ]
    }()

    @Test("What is encoded decodes to the same item", arguments: items.keys.sorted())
    func roundTrip(name: String) throws {
        let item = try #require(Self.items[name])
        let bytes = try #require(encode(item))
        #expect(try decode(bytes) == item)
    }

    @Test("The layout is the documented one, byte for byte")
    func layout() throws {
        let item = WorkItem(
            eventID: EventID(bytes: 0..<16), tenantID: TenantID(bytes: 16..<32),
            destinationID: DestinationID(bytes: 32..<48), attemptsFinished: 0x0102_0304, attemptsThisRound: 5,
            acceptedAt: Timestamp(microseconds: 0x0203_0405_0607_08), contentType: "a/b", traceparent: "t",
            payload: [0xFE, 0xFF])
        var expected: [UInt8] = [1] + (0..<48)
        expected += [1, 2, 3, 4, 0, 0, 0, 5, 0, 2, 3, 4, 5, 6, 7, 8]
        expected += [3] + Array("a/b".utf8) + [1] + Array("t".utf8) + [0xFE, 0xFF]
        #expect(encode(item) == expected)
    }

    @Test("What the layout has no room for is not encoded")
    func noRoom() {
        var item = makeItem()
        item.contentType = String(repeating: "x", count: 256)
        #expect(encode(item) == nil)
        item = makeItem()
        item.traceparent = String(repeating: "é", count: 128)
        #expect(encode(item) == nil)
        item = makeItem()
        item.attemptsFinished = -1
        #expect(encode(item) == nil)
        item = makeItem()
        item.attemptsThisRound = 1 << 32
        #expect(encode(item) == nil)
        item = makeItem()
        item.acceptedAt = Timestamp(microseconds: -1)
        #expect(encode(item) == nil)
    }

    @Test("A message cut anywhere before its payload is a fault and nothing worse")
    func truncation() throws {
        let item = makeItem(payload: [])
        let bytes = try #require(encode(item))
        #expect(throws: MessageFault.empty) { try decode([]) }
        for length in 1..<bytes.count {
            #expect(throws: MessageFault.truncated) { try decode(Array(bytes.prefix(length))) }
        }
        #expect(try decode(bytes) == item)
    }

    @Test("A test event is one on the other side as well, and only it has the newer layout")
    func testEvents() throws {
        var item = makeItem()
        #expect(try #require(encode(item)).first == MessageCodec.version)
        item.isTest = true
        #expect(try decode(try #require(encode(item))) == item)
    }

    @Test("Another version and broken texts are named")
    func faults() throws {
        var bytes = try #require(encode(makeItem()))
        bytes[0] = 4
        #expect(throws: MessageFault.unknownVersion(4)) { try decode(bytes) }
        bytes[0] = 1
        bytes[57] = 0xFF
        #expect(throws: MessageFault.timeOutOfRange) { try decode(bytes) }
        bytes[57] = 0
        bytes[66] = 0xFF
        #expect(throws: MessageFault.textIsNotUTF8) { try decode(bytes) }
    }

    @Test("Random bytes decode to an item or a fault, and what decodes encodes back")
    func randomBytes() {
        var random = RepeatableNumbers(seed: 1)
        for length in 0..<600 {
            var bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            if length > 0 && length % 3 > 0 { bytes[0] = UInt8(length % 3) }
            guard let items = try? decodeAll(bytes) else { continue }
            #expect(bytes[0] == 2 || items.count == 1 && encode(items[0]) == bytes)
        }
    }
}
