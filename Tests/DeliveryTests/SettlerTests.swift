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
