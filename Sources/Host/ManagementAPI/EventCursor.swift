import Crypto
import Domain
import Ports

/// Where a page of events ended, for `After` to go on from: the last event's id, and a check on what the list was. It
/// gives no access to anything, so it needs no secret: rows are found within the caller's tenant whatever it says.
struct EventCursor {
    private static let version: UInt8 = 1
    private static let checkBytes = 8

    private let tenant: TenantID
    private let filter: EventFilter
    private let descending: Bool

    /// The list that a cursor belongs to.
    init(of tenant: TenantID, _ filter: EventFilter, descending: Bool) {
        self.tenant = tenant
        self.filter = filter
        self.descending = descending
    }

    func text(after event: EventID) -> String {
        Base64.urlEncode([Self.version] + event.bytes + check(event))
    }

    /// Refuses what was made for another list, and what nobody made.
    func event(from text: String) throws(Refusal) -> EventID {
        guard let bytes = Base64.urlDecode(text), bytes.count == 17 + Self.checkBytes, bytes[0] == Self.version,
            case let event = EventID(bytes: bytes[1..<17]), Array(bytes[17...]) == check(event)
        else { throw .invalid("After must be the nextCursor of this list, with the same filters and direction") }
        return event
    }

    private func check(_ event: EventID) -> [UInt8] {
        let list = [
            "\(tenant)", filter.status?.name ?? "", filter.destinationID.map { "\($0)" } ?? "",
            filter.from.map { "\($0.microseconds)" } ?? "", filter.to.map { "\($0.microseconds)" } ?? "",
            descending ? "desc" : "asc", "\(event)",
        ]
        return Array(SHA256.hash(Array(list.joined(separator: "|").utf8)).prefix(Self.checkBytes))
    }
}
