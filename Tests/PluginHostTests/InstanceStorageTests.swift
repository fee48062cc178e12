import Testing

@testable import PluginHost

@Suite("Instance storage")
struct InstanceStorageTests {
    private func store(
        _ storage: InstanceStorage, _ key: String, _ value: String, on shelf: String = "s", until: Int64 = .max,
        now: Int64 = 0
    ) -> Bool {
        storage.store(Array(value.utf8), as: Array(key.utf8), expiresAt: until, on: shelf, now: now)
    }

    private func load(_ storage: InstanceStorage, _ key: String, on shelf: String = "s", now: Int64 = 0) -> String? {
        storage.load(Array(key.utf8), on: shelf, now: now).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("A value is found by the same key of the same instance until it expires or is removed")
    func life() {
        let storage = InstanceStorage()
        #expect(store(storage, "token", "a", until: 100))
        #expect(load(storage, "token") == "a")
        #expect(load(storage, "token", on: "other") == nil)
        #expect(load(storage, "token", now: 99) == "a")
        #expect(load(storage, "token", now: 100) == nil)
        #expect(store(storage, "token", "b"))
        #expect(load(storage, "token", now: 1_000) == "b")
        #expect(store(storage, "token", ""))
        #expect(load(storage, "token") == nil)
        #expect(storage.bytesHeld == 0)
    }

    @Test("Keys, values and their number are limited; what has expired makes room")
    func limits() {
        let storage = InstanceStorage()
        #expect(!store(storage, String(repeating: "k", count: 101), "v"))
        #expect(!store(storage, "k", String(repeating: "v", count: 16_385)))
        for number in 1...16 { #expect(store(storage, "k\(number)", "v", until: number == 1 ? 50 : .max)) }
        #expect(!store(storage, "one more", "v"))
        #expect(store(storage, "k2", "other"))
        #expect(store(storage, "one more", "v", now: 50))
        #expect(load(storage, "k2") == "other")
    }

    @Test("Over all instances memory is bounded: the least recently used goes first")
    func bound() {
        let storage = InstanceStorage(bytesMax: 10_000)
        let value = String(repeating: "v", count: 999)
        for number in 0..<10 { #expect(store(storage, "k", value, on: "\(number)")) }
        #expect(load(storage, "k", on: "0") == value)
        #expect(store(storage, "k", value, on: "10"))
        #expect(storage.bytesHeld <= 10_000)
        #expect(load(storage, "k", on: "0") == value)
        #expect(load(storage, "k", on: "1") == nil)
        #expect(load(storage, "k", on: "10") == value)
        storage.remove("10")
        #expect(load(storage, "k", on: "10") == nil)
    }
}
