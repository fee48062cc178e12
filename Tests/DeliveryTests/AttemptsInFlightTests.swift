import Domain
import Ports
import Testing

@testable import Delivery

@Suite struct AttemptsInFlightTests {
    private let start = ContinuousClock.now
    private let tenant = TenantID(high: 7, low: 1)
    private let other = TenantID(high: 7, low: 2)

    @Test func `no tenant holds more than is left for the others`() {
        var attempts = AttemptsInFlight(limit: 4, bytesMax: .max)
        attempts.begin(makeEvent(1), at: start)
        #expect(attempts.hasRoom(for: tenant))
        attempts.begin(makeEvent(2), at: start)
        #expect(!attempts.hasRoom(for: tenant) && attempts.hasRoom(for: other))
        for number in 3...4 { attempts.begin(makeEvent(UInt64(number)), at: start) }
        #expect(attempts.isFull && !attempts.hasRoom(for: other))
        for number in 1...4 { attempts.end(makeEvent(UInt64(number)).item.eventID) }
        #expect(attempts.isEmpty && attempts.hasRoom(for: tenant))
    }

    @Test func `what begins twice counts once, and ends once`() {
        var attempts = AttemptsInFlight(limit: 2, bytesMax: .max)
        for _ in 1...3 { attempts.begin(makeEvent(1), at: start) }
        #expect(attempts.count == 1)
        for _ in 1...2 { attempts.end(makeEvent(1).item.eventID) }
        #expect(attempts.isEmpty && attempts.hasRoom(for: tenant))
        attempts.begin(makeEvent(2), at: start)
        attempts.end(makeEvent(2).item.eventID)
        #expect(attempts.hasRoom(for: tenant))
    }

    @Test func `no tenant's attempts take more memory than is left for the others`() {
        let kibibyte = HeldEvent.overheadBytes
        var attempts = AttemptsInFlight(limit: 100, bytesMax: 8 * kibibyte)
        let large = String(repeating: "x", count: 3 * kibibyte)
        attempts.begin(makeEvent(1, payload: large), at: start)
        #expect(!attempts.isFull && !attempts.hasRoom(for: tenant) && attempts.hasRoom(for: other))
        attempts.begin(makeEvent(2, payload: large), at: start)
        #expect(attempts.isFull)
        attempts.end(makeEvent(1).item.eventID)
        attempts.end(makeEvent(2).item.eventID)
        #expect(!attempts.isFull && attempts.hasRoom(for: tenant))
    }

    @Test func `what takes long is told once`() {
        var attempts = AttemptsInFlight(limit: 4, bytesMax: .max)
        attempts.begin(makeEvent(1), at: start)
        attempts.begin(makeEvent(2), at: start + .seconds(1))
        #expect(attempts.markLong(since: start).isEmpty)
        #expect(attempts.markLong(since: start + .milliseconds(500)) == [makeEvent(1).item.eventID])
        #expect(attempts.markLong(since: start + .milliseconds(500)).isEmpty)
        #expect(attempts.markLong(since: start + .seconds(2)) == [makeEvent(2).item.eventID])
    }
}
