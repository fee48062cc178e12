import Domain
import Ports
import Testing

@testable import Delivery

@Suite struct AttemptsInFlightTests {
    private let start = ContinuousClock.now
    private let tenant = TenantID(high: 7, low: 1)
    private let other = TenantID(high: 7, low: 2)

    @Test func `no tenant holds more than is left for the others`() {
        var attempts = AttemptsInFlight(limit: 4)
        attempts.begin(makeEvent(1).item, at: start)
        #expect(attempts.hasRoom(for: tenant))
        attempts.begin(makeEvent(2).item, at: start)
        #expect(!attempts.hasRoom(for: tenant) && attempts.hasRoom(for: other))
        for number in 3...4 { attempts.begin(makeEvent(UInt64(number)).item, at: start) }
        #expect(attempts.isFull && !attempts.hasRoom(for: other))
        for number in 1...4 { attempts.end(makeEvent(UInt64(number)).item.eventID) }
        #expect(attempts.isEmpty && attempts.hasRoom(for: tenant))
    }

    @Test func `what begins twice counts once, and ends once`() {
        var attempts = AttemptsInFlight(limit: 2)
        for _ in 1...3 { attempts.begin(makeEvent(1).item, at: start) }
        #expect(attempts.count == 1)
        for _ in 1...2 { attempts.end(makeEvent(1).item.eventID) }
        #expect(attempts.isEmpty && attempts.hasRoom(for: tenant))
        attempts.begin(makeEvent(2).item, at: start)
        attempts.end(makeEvent(2).item.eventID)
        #expect(attempts.hasRoom(for: tenant))
    }

    @Test func `what takes long is told once`() {
        var attempts = AttemptsInFlight(limit: 4)
        attempts.begin(makeEvent(1).item, at: start)
        attempts.begin(makeEvent(2).item, at: start + .seconds(1))
        #expect(attempts.markLong(since: start).isEmpty)
        #expect(attempts.markLong(since: start + .milliseconds(500)) == [makeEvent(1).item.eventID])
        #expect(attempts.markLong(since: start + .milliseconds(500)).isEmpty)
        #expect(attempts.markLong(since: start + .seconds(2)) == [makeEvent(2).item.eventID])
    }
}
