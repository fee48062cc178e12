import Domain
import HTTPServer
import Ports
import Testing

@testable import ManagementAPI

@Suite struct StreamClientTests {
    private static let listener = StreamListener(
        tokenID: ID(high: 1, low: 1), tokenExpiresAt: Timestamp(seconds: 900), userID: UserID(high: 1, low: 2),
        tenantID: TenantID(high: 1, low: 3), role: .viewer, email: "viewer@example.com")

    private func client(lastSeen: StreamPosition? = nil) -> StreamClient {
        StreamClient(listener: Self.listener, body: ResponseStream(), lastSeen: lastSeen)
    }

    private func position(_ transaction: Int64, _ entry: Int64 = 0) -> StreamPosition {
        StreamPosition(transaction: transaction, entry: entry)
    }

    @Test func `a new client is ready when all that ran before its interest has ended`() {
        var client = client()
        client.advance(to: StreamHorizon(oldestRunning: 90, next: 100))
        #expect(client.phase == .joining)
        client.registered()
        client.advance(to: StreamHorizon(oldestRunning: 90, next: 100))
        #expect(client.phase == .settling(barrier: 100))
        client.advance(to: StreamHorizon(oldestRunning: 99, next: 120))
        #expect(client.phase == .settling(barrier: 100))
        #expect(client.cursor(bufferBytes: 1) == nil)
        client.advance(to: StreamHorizon(oldestRunning: 101, next: 130))
        #expect(client.phase == .live(position(101)))
        // The buffer holds what was sent: one message always fits, and then no more is read.
        #expect(client.cursor(bufferBytes: 1) == nil)
        #expect(client.cursor(bufferBytes: 1_000)?.position == position(101))
    }

    @Test func `a client that comes back goes on where it was`() {
        var client = client(lastSeen: position(70, 3))
        client.registered()
        #expect(client.cursor(bufferBytes: 1)?.position == position(70, 3))
        client.goOn()
        #expect(client.phase == .live(position(70, 3)))
        let isTaken = client.take(StreamFrame.comment("x"), at: position(80, 1), bufferBytes: 1_000)
        #expect(isTaken)
        #expect(client.phase == .live(position(80, 1)))
    }

    @Test func `a client that has enough stays where it is`() {
        var client = client(lastSeen: position(70, 3))
        client.registered()
        client.goOn()
        let frame = [UInt8](repeating: 32, count: 600)
        let taken = (1...3).map { client.take(frame, at: position(80, $0), bufferBytes: 1_000) }
        #expect(taken == [true, true, false])
        #expect(client.phase == .live(position(80, 2)))
        #expect(client.body.backlog.bytes < 1_300)
    }

    @Test func `a client that missed something starts anew`() {
        var client = client(lastSeen: position(70, 3))
        client.registered()
        client.startAnew()
        #expect(client.phase == .settling(barrier: nil))
        #expect(client.isReset)
        client.advance(to: StreamHorizon(oldestRunning: 100, next: 100))
        client.advance(to: StreamHorizon(oldestRunning: 100, next: 100))
        #expect(client.phase == .live(position(100)))
        #expect(!client.isReset)
    }

    @Test func `it ends with its token and when nobody reads`() {
        let client = client()
        let now = ContinuousClock.now
        #expect(client.ending(at: Timestamp(seconds: 899), now + .seconds(99), stall: .seconds(30)) == nil)
        #expect(client.ending(at: Timestamp(seconds: 900), now, stall: .seconds(30)) == .tokenEnded)
        client.body.write([1])
        #expect(client.ending(at: Timestamp(seconds: 1), .now, stall: .seconds(30)) == nil)
        #expect(client.ending(at: Timestamp(seconds: 1), .now + .seconds(31), stall: .seconds(30)) == .stalled)
    }

    @Test(arguments: [("731-12", 731, 12), ("0-0", 0, 0)] as [(String, Int64, Int64)])
    func `a position is read as it was written`(_ text: String, _ transaction: Int64, _ entry: Int64) {
        #expect(StreamPosition(text) == position(transaction, entry))
        #expect(position(transaction, entry).text == text)
    }

    @Test(arguments: ["", "731", "731-", "-12", "731-12-1", "a-b", "731-99999999999999999999", "731 12"])
    func `nothing else is a position`(_ text: String) { #expect(StreamPosition(text) == nil) }

    @Test func `what a page says twice is told once`() {
        func entry(_ number: Int64, _ type: String, _ subject: UInt64) -> StreamEntry {
            StreamEntry(position: position(1, number), type: type, subject: ID(high: 0, low: subject))
        }
        let entries = [
            entry(1, "event.created", 1), entry(2, "event.updated", 1), entry(3, "event.updated", 2),
            entry(4, "event.updated", 1),
        ]
        #expect(withoutOvertaken(entries).map(\.position.entry) == [1, 3, 4])
    }

    @Test func `a frame is lines that end in an empty one`() {
        let frame = StreamFrame.event("tenant.updated", data: Array("{}".utf8), at: position(7, 8))
        #expect(String(decoding: frame, as: UTF8.self) == "id: 7-8\nevent: tenant.updated\ndata: {}\n\n")
        #expect(String(decoding: StreamFrame.comment("ping"), as: UTF8.self) == ": ping\n\n")
    }
}
