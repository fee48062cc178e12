import Domain
import Ports

/// A work item that differs from all others by its number.
func makeItem(_ number: Int = 1, payload: [UInt8] = Array("{\"a\":1}".utf8)) -> WorkItem {
    WorkItem(
        eventID: EventID(high: 0x0190_0000_0000_7000, low: UInt64(number)), tenantID: TenantID(high: 1, low: 2),
        destinationID: DestinationID(high: 3, low: UInt64(number % 7)), attemptsFinished: number % 5,
        attemptsThisRound: number % 3, acceptedAt: Timestamp(microseconds: 1_700_000_000_000_000 + Int64(number)),
        contentType: "application/json; charset=utf-8",
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", payload: payload)
}

func makePayload(bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }
