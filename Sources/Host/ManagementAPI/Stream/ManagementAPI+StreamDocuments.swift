import Domain
import JSON
import Ports

extension ManagementAPI {
    /// The data of entries: the row as the API shows it, or the id of one that is gone. Rows that have gone meanwhile
    /// are left out; their deletion is told by an entry of its own.
    func streamData(
        _ rendering: StreamRendering, _ store: any ManagementStore
    ) throws -> [StreamEntry.Key: [UInt8]] {
        let (tenant, entries) = (rendering.tenantID, rendering.entries)
        var data: [StreamEntry.Key: [UInt8]] = [:]
        // Events come in great numbers, everything else one by one.
        let events = Set(entries.filter { $0.type.hasPrefix("event.") }.map { $0.subject.cast(to: Event.self) })
        var documents: [ID<Never>: JSONValue] = [:]
        for event in try store.events(Array(events), of: tenant) {
            documents[event.item.eventID.cast()] = document(event)
        }
        for entry in entries {
            if let document = try documents[entry.subject] ?? streamDocument(of: entry, tenant, store) {
                data[entry.key] = document.serialized()
            }
        }
        return data
    }

    private func streamDocument(
        of entry: StreamEntry, _ tenant: TenantID, _ store: any ManagementStore
    ) throws -> JSONValue? {
        let id = entry.subject
        switch entry.type {
        case "destination.created", "destination.updated":
            return try store.destination(id.cast(), of: tenant).map { document($0) }
        case "sender.created": return try store.sender(id.cast(), of: tenant).map { document($0) }
        case "apikey.created": return try store.apiKey(id.cast(), of: tenant).map(document)
        case "user.created", "user.updated":
            return try store.user(id.cast()).flatMap { $0.tenantID == tenant ? document($0) : nil }
        case "tenant.updated": return try store.tenant(tenant).map(document)
        case "notification.created": return try store.notification(id.cast(), of: tenant).map(document)
        case let type where type.hasSuffix(".deleted"): return ["id": .id(id)]
        default: return nil
        }
    }
}
