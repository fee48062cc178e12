import Domain
import Ports
import Testing
import Threading

@testable import Ingest

@Suite struct DirectoryTests {
    @Test func keysAndTokensAreLoadedOnceAndThenKept() throws {
        let platform = try Platform()
        for _ in 0..<10 { #expect(try platform.post().status == 202) }
        #expect(platform.control.state.withLock { $0.lookUps } == 2)
        for _ in 0..<5 { #expect(try platform.post(headers: ["X-Api-Key": "guess"]).status == 401) }
        #expect(platform.control.state.withLock { $0.lookUps } == 3)
    }

    @Test(arguments: [DirectoryChange.tenant(ourTenant), .everything])
    func aRevokedKeyStopsWorkingWithItsNotification(change: DirectoryChange) throws {
        let platform = try Platform()
        #expect(try platform.post().status == 202)
        platform.control.change { $0.tenants = [:] }
        #expect(try platform.post().status == 202, "from the cache, until told")
        platform.service.apply(change)
        #expect(try platform.post().status == 401)
        platform.addKey("key", ourTenant)
        platform.service.apply(change)
        #expect(try platform.post().status == 202)
    }

    @Test func aChangedDestinationIsReadAgain() throws {
        let platform = try Platform()
        #expect(try platform.post().status == 202)
        platform.addToken("dst_1", status: .suspended)
        platform.service.apply(.due(destination))
        #expect(try platform.post().status == 202, "due events change no settings")
        platform.service.apply(.destination(destination))
        #expect(try platform.post().status == 422)
    }

    @Test func aMissWhileTheStoreIsAwayIs503AndIsNotKept() throws {
        let platform = try Platform()
        platform.control.change { $0.isAway = true }
        let response = try platform.post()
        #expect(response.status == 503 && response.field("Retry-After") != nil)
        platform.control.change { $0.isAway = false }
        #expect(try platform.post().status == 202)
    }

    @Test func concurrentMissesOfOneKeyAreOneLoad() throws {
        let platform = try Platform()
        let directory = IngestDirectory { [control = platform.control] in MemoryDirectoryStore(control: control) }
        let key = DirectoryCache.Key.apiKey(Digest(of: "key"))
        let answers = Mailbox<DirectoryCache.Entry>()
        // Before the loader starts, all of these wait.
        for _ in 0..<100 {
            directory.load(key) { if case .loaded(let entry) = $0 { answers.post(entry) } }
        }
        directory.start()
        var received: [DirectoryCache.Entry] = []
        while received.count < 100, case let more = answers.takeAll(until: .now + .seconds(10)), !more.isEmpty {
            received += more
        }
        #expect(received == [DirectoryCache.Entry](repeating: .tenant(ourTenant), count: 100))
        #expect(platform.control.state.withLock { $0.lookUps } == 1)
        directory.stop()
        let late = Mailbox<Bool>()
        directory.load(.apiKey(Digest(of: "later"))) { if case .unavailable = $0 { late.post(true) } }
        #expect(late.takeAll(until: .now + .seconds(10)) == [true])
    }
}

@Suite struct DirectoryCacheTests {
    let start = ContinuousClock.now
    let target = IngestTarget(
        tenantID: ourTenant, destinationID: destination, destinationStatus: .active, senderID: nil, mapping: nil)

    private func key(_ number: Int) -> DirectoryCache.Key { .token(Digest(of: "\(number)")) }

    @Test func entriesExpire() {
        var cache = DirectoryCache()
        cache.insert(.target(target), for: key(1), generation: 0, at: start)
        cache.insert(.unknown, for: key(2), generation: 0, at: start)
        #expect(cache.entry(key(1), at: start + .seconds(59)) == .target(target))
        #expect(cache.entry(key(1), at: start + .seconds(60)) == nil)
        #expect(cache.entry(key(2), at: start + .seconds(4)) == .unknown)
        #expect(cache.entry(key(2), at: start + .seconds(5)) == nil)
        #expect(cache.entry(key(3), at: start) == nil)
    }

    @Test func aLoadThatAChangeOvertookIsNotKept() {
        var cache = DirectoryCache()
        let generation = cache.generation
        cache.apply(.destination(destination))
        cache.insert(.target(target), for: key(1), generation: generation, at: start)
        #expect(cache.entry(key(1), at: start) == nil)
        cache.apply(.due(destination))
        cache.insert(.target(target), for: key(1), generation: cache.generation, at: start)
        #expect(cache.entry(key(1), at: start) == .target(target))
    }

    @Test(arguments: [
        (DirectoryChange.destination(destination), true), (.destination(DestinationID(high: 9, low: 9)), false),
        (.tenant(ourTenant), true), (.tenant(otherTenant), false), (.due(destination), false), (.everything, true),
    ])
    func changesForgetWhatTheyTouch(change: DirectoryChange, forgets: Bool) {
        var cache = DirectoryCache()
        cache.insert(.target(target), for: key(1), generation: 0, at: start)
        cache.apply(change)
        #expect((cache.entry(key(1), at: start) == nil) == forgets)
    }

    @Test func guessesAndUseAreBoundedApart() {
        var cache = DirectoryCache()
        cache.insert(.target(target), for: key(-1), generation: 0, at: start)
        for number in 0..<DirectoryCache.unknownMax + 10 {
            cache.insert(.unknown, for: key(number), generation: 0, at: start)
        }
        #expect(cache.count <= DirectoryCache.unknownMax + 1)
        #expect(cache.entry(key(-1), at: start) == .target(target))
        for number in 0..<DirectoryCache.entriesMax + 10 {
            cache.insert(.target(target), for: key(number), generation: 0, at: start)
        }
        #expect(cache.count <= DirectoryCache.entriesMax)
        #expect(cache.entry(key(DirectoryCache.entriesMax + 9), at: start) == .target(target))
    }
}
