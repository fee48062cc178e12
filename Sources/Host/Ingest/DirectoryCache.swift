import Domain
import Ports

/// What the loader has learnt, for a while. A value without lock or clock.
struct DirectoryCache {
    enum Key: Hashable, Sendable {
        case apiKey(Digest)
        case token(Digest)
    }

    enum Entry: Sendable, Equatable {
        case tenant(TenantID)
        case target(IngestTarget)
        /// There is no such key or token.
        case unknown
    }

    /// How long a change can stay unnoticed if its notification is lost.
    static let timeToLive = Duration.seconds(60)
    /// How long a key that was just created can be refused to somebody who tried it too early.
    static let unknownTimeToLive = Duration.seconds(5)
    /// Known keys and tokens; a few hundred bytes each.
    static let entriesMax = 65_536
    /// Refused ones, apart, so that guessing does not push out what is in use.
    static let unknownMax = 16_384

    private struct Kept {
        var entry: Entry
        var until: ContinuousClock.Instant
    }

    private var known: [Key: Kept] = [:]
    private var unknown: [Key: ContinuousClock.Instant] = [:]
    private var ofDestination: [DestinationID: Set<Key>] = [:]
    private var ofTenant: [TenantID: Set<Key>] = [:]
    /// Rises with every change that could make an answer stale; a load that saw another number is not kept.
    private(set) var generation: UInt64 = 0

    func entry(_ key: Key, at now: ContinuousClock.Instant) -> Entry? {
        if let kept = known[key] { return kept.until > now ? kept.entry : nil }
        if let until = unknown[key], until > now { return .unknown }
        return nil
    }

    /// generation: the number when the load began.
    mutating func insert(_ entry: Entry, for key: Key, generation: UInt64, at now: ContinuousClock.Instant) {
        guard generation == self.generation else { return }
        remove(key)
        guard entry != .unknown else {
            if unknown.count >= Self.unknownMax { unknown = [:] }
            unknown[key] = now + Self.unknownTimeToLive
            return
        }
        if known.count >= Self.entriesMax { makeRoom(at: now) }
        known[key] = Kept(entry: entry, until: now + Self.timeToLive)
        switch entry {
        case .tenant(let tenant):
            ofTenant[tenant, default: []].insert(key)
        case .target(let target):
            ofTenant[target.tenantID, default: []].insert(key)
            ofDestination[target.destinationID, default: []].insert(key)
        case .unknown: break
        }
    }

    mutating func apply(_ change: DirectoryChange) {
        switch change {
        case .due, .cancelled: return
        case .destination(let id): for key in ofDestination[id] ?? [] { remove(key) }
        case .tenant(let id): for key in ofTenant[id] ?? [] { remove(key) }
        case .everything: (known, ofDestination, ofTenant) = ([:], [:], [:])
        }
        // The change may be the creation of what was unknown.
        unknown = [:]
        generation &+= 1
    }

    var count: Int { known.count + unknown.count }

    private mutating func remove(_ key: Key) {
        unknown[key] = nil
        guard let kept = known.removeValue(forKey: key) else { return }
        switch kept.entry {
        case .tenant(let tenant): Self.drop(key, from: &ofTenant, tenant)
        case .target(let target):
            Self.drop(key, from: &ofTenant, target.tenantID)
            Self.drop(key, from: &ofDestination, target.destinationID)
        case .unknown: break
        }
    }

    /// Static, because a method would hold a second reference to the index and make each removal copy it.
    private static func drop<ID: Hashable>(_ key: Key, from index: inout [ID: Set<Key>], _ id: ID) {
        index[id]?.remove(key)
        if index[id]?.isEmpty == true { index[id] = nil }
    }

    /// Drops what has expired, or a sixteenth of everything if nothing has.
    private mutating func makeRoom(at now: ContinuousClock.Instant) {
        var victims = known.compactMap { $0.value.until <= now ? $0.key : nil }
        if victims.isEmpty { victims = known.keys.prefix(Self.entriesMax / 16).map { $0 } }
        for key in victims { remove(key) }
    }
}
