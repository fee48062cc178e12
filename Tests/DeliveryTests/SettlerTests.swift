import Domain
import Ports
import Synchronization
import TestSupport
import Testing
import Threading

@testable import Delivery

@Suite struct SettlerTests {
    /// A store that is away until it is told to come back.
    private final class Absent: SettlementStore, Sendable {
        let isBack = Atomic(false)

        func settle(_ batch: [Settlement], breakers: [BreakerRecord]) throws(StoreError) -> Set<EventID> {
            guard isBack.load(ordering: .acquiring) else { throw .unavailable("away") }
            return Set(batch.map(\.eventID))
        }

        func markProcessing(_ events: [EventID]) throws(StoreError) { throw .unavailable("away") }
    }

    /// A store that takes one row at a time only, refuses one of them for good, and goes away once in between.
    private final class Picky: SettlementStore, Sendable {
        struct State {
            var written: [EventID] = []
            var breakers: [DestinationID] = []
            var isAway = true
        }

        let state = Mutex(State())

        func settle(_ batch: [Settlement], breakers: [BreakerRecord]) throws(StoreError) -> Set<EventID> {
            let reply = state.withLock { state -> StoreError? in
                guard batch.count + breakers.count == 1, batch.first?.eventID.low != 2 else {
                    return .rejected(sqlState: "22000", "a row is at fault")
                }
                if batch.first?.eventID.low == 3, state.isAway {
                    state.isAway = false
                    return .unavailable("away")
                }
                state.written += batch.map(\.eventID)
                state.breakers += breakers.map(\.destinationID)
                return nil
            }
            if let reply { throw reply }
            return Set(batch.map(\.eventID))
        }

        func markProcessing(_ events: [EventID]) throws(StoreError) {}
    }

    @Test func `what is written singly waits for the store as well, and breakers are written once`() {
        let store = Picky()
        let settled = Mailbox<Settlement>()
        let settler = Settler(
            limits: Limits(), makeStore: { store }, acknowledge: { _ in }, settled: { settled.post(contentsOf: $0) })
        let orders = (1...4).map { number in
            let item = makeEvent(UInt64(number)).item
            return SettleOrder(
                settlement: Settlement(
                    eventID: item.eventID, destinationID: item.destinationID, tenantID: item.tenantID,
                    attemptsFinished: 0, attempt: nil, disposition: .criticalFailure))
        }
        let destination = orders[0].settlement.destinationID
        let record = BreakerRecord(destinationID: destination, state: .open, consecutiveFailures: 5, nextProbeAt: noon)
        // One batch: they are there before the thread is.
        settler.mailbox.post(contentsOf: [.breaker(record)] + orders.map { .settle($0) })
        let thread = settler.start()
        let deadline = ContinuousClock.now + .seconds(10)
        var count = 0
        while count < 4, ContinuousClock.now < deadline { count += settled.takeAll(until: deadline).count }
        settler.stop()
        thread.join()
        #expect(store.state.withLock { $0.written.map(\.low) } == [1, 3, 4])
        #expect(store.state.withLock { $0.breakers } == [destination])
    }

    @Test func `outcomes that wait for the store are known to wait until they are written`() {
        let store = Absent()
        let settled = Mailbox<Settlement>()
        let settler = Settler(
            limits: Limits(), makeStore: { store }, acknowledge: { _ in }, settled: { settled.post(contentsOf: $0) })
        let thread = settler.start()
        #expect(!settler.hasWaited(longerThan: .zero), "nothing is in hand")
        let item = makeEvent().item
        let settlement = Settlement(
            eventID: item.eventID, destinationID: item.destinationID, tenantID: item.tenantID, attemptsFinished: 0,
            attempt: nil, disposition: .criticalFailure)
        settler.mailbox.post(.settle(SettleOrder(settlement: settlement)))
        #expect(eventually { settler.hasWaited(longerThan: .milliseconds(20)) })
        #expect(!settler.hasWaited(longerThan: .seconds(3_600)))
        store.isBack.store(true, ordering: .releasing)
        #expect(settled.takeAll(until: .now + .seconds(10)).map(\.eventID) == [item.eventID])
        #expect(eventually { !settler.hasWaited(longerThan: .zero) })
        settler.stop()
        thread.join()
    }
}
