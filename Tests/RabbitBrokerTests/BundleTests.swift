import Domain
import Ports
import Testing

@testable import RabbitBroker

@Suite("Bundle")
struct BundleTests {
    private func decode(_ message: some Collection<UInt8>) throws(MessageFault) -> [WorkItem] {
        try Array(message).withUnsafeBufferPointer { (bytes) throws(MessageFault) in
            try MessageCodec.decode(UnsafeRawBufferPointer(bytes))
        }
    }

    private func add(_ item: WorkItem, to bundle: inout Bundle) -> Bool { bundle.add(item) }

    private func makeBundle(_ items: [WorkItem]) -> Bundle {
        var bundle = Bundle()
        for item in items { #expect(add(item, to: &bundle)) }
        return bundle
    }

    @Test("One event alone is a message of version 1, as workers have always read it")
    func alone() throws {
        let bundle = makeBundle([makeItem(1)])
        var expected: [UInt8] = []
        #expect(MessageCodec.append(makeItem(1), to: &expected))
        #expect(Array(bundle.message) == expected)
    }

    @Test("Several come out as they went in", arguments: [2, 3, 16, 64])
    func several(count: Int) throws {
        let items = (0..<count).map { makeItem($0, payload: makePayload(bytes: $0 * 10)) }
        let bundle = makeBundle(items)
        #expect(bundle.events == count)
        #expect(bundle.payloadBytes == items.reduce(0) { $0 + $1.payload.count })
        #expect(try decode(bundle.message) == items)
    }

    @Test("Room ends at the limit and at the size of a frame; an empty bundle takes anything")
    func room() {
        var bundle = Bundle()
        let huge = makeItem(0, payload: makePayload(bytes: 1 << 20))
        #expect(bundle.hasRoom(for: huge, limit: 4))
        for number in 0..<4 { #expect(add(makeItem(number), to: &bundle)) }
        #expect(!bundle.hasRoom(for: makeItem(9), limit: 4))
        #expect(bundle.hasRoom(for: makeItem(9), limit: 5))
        #expect(!bundle.hasRoom(for: huge, limit: 64))
        while bundle.hasRoom(for: makeItem(9, payload: makePayload(bytes: 4_000)), limit: 64) {
            #expect(add(makeItem(9, payload: makePayload(bytes: 4_000)), to: &bundle))
        }
        #expect(bundle.message.count <= 128_000 && bundle.message.count > 120_000)
        bundle.removeAll()
        #expect(bundle.events == 0 && bundle.payloadBytes == 0 && bundle.message.isEmpty)
        for number in 0..<64 { #expect(add(makeItem(number), to: &bundle)) }
        #expect(!bundle.hasRoom(for: makeItem(64), limit: 1_000))
    }

    @Test("What cannot be encoded leaves the bundle as it was")
    func unencodable() throws {
        var item = makeItem()
        item.contentType = String(repeating: "x", count: 300)
        var bundle = Bundle()
        #expect(!add(item, to: &bundle))
        #expect(add(makeItem(1), to: &bundle))
        #expect(!add(item, to: &bundle))
        #expect(add(makeItem(2), to: &bundle))
        #expect(try decode(bundle.message) == [makeItem(1), makeItem(2)])
    }

    @Test("A bundle that is cut anywhere, or holds too much or anything else than items, is a fault")
    func faults() throws {
        let bytes = Array(makeBundle([makeItem(1, payload: []), makeItem(2, payload: [])]).message)
        let second = 1 + 4 + (bytes.count - 9) / 2
        for length in 1..<bytes.count where length != second {
            #expect(throws: MessageFault.truncated) { try decode(bytes.prefix(length)) }
        }
        var nested = bytes
        nested[5] = 2
        #expect(throws: MessageFault.unknownVersion(2)) { try decode(nested) }
        let one = Array(bytes[1..<second])
        #expect(throws: MessageFault.tooManyItems) { try decode([2] + Array(repeatElement(one, count: 65).joined())) }
        #expect(throws: MessageFault.empty) { try decode([2, 0, 0, 0, 0]) }
    }
}
