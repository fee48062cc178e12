import PluginAPI
import Testing

@Suite("The retry policies")
struct RetryPolicyPluginTests {
    private func make(_ plugin: String, _ settings: String) throws -> TestInstance {
        try TestPlugin(plugin, kind: HKS_KIND_RETRY_POLICY).makeInstance(settings)
    }

    @Test("Schedule follows its list, and repeats the last delay")
    func followsSchedule() throws {
        let standard = try make("Schedule", "{}")
        let delays = try [1, 2, 3, 4, 5, 6, .max].map { try standard.decide(attempt: $0) }
        #expect(delays == [120_000, 300_000, 900_000, 3_600_000, 21_600_000, 21_600_000, 21_600_000])
        let own = try make("Schedule", #"{"delaysSeconds":[0.25,1e1]}"#)
        #expect(try [1, 2, 3].map { try own.decide(attempt: $0) } == [250, 10_000, 10_000])
    }

    @Test("Exponential grows up to its cap, however many attempts there were")
    func growsExponentially() throws {
        let standard = try make("Exponential", "{}")
        #expect(try [1, 2, 3].map { try standard.decide(attempt: $0) } == [60_000, 120_000, 240_000])
        #expect(try standard.decide(attempt: .max) == 21_600_000)
        let own = try make("Exponential", #"{"baseSeconds":0.5,"factor":1.5,"capSeconds":1}"#)
        #expect(try [1, 2, 3].map { try own.decide(attempt: $0) } == [500, 750, 1_000])
    }

    @Test("Fixed waits the same time each time")
    func waitsFixedTime() throws {
        let fixed = try make("Fixed", #"{"delaySeconds":1.5}"#)
        #expect(try [1, 2, 100].map { try fixed.decide(attempt: $0) } == [1_500, 1_500, 1_500])
    }

    @Test(
        "Jitter is a function of the random number, and shortens only",
        arguments: [
            ("Fixed", #"{"delaySeconds":100,"jitter":0.2}"#), ("Schedule", #"{"delaysSeconds":[100],"jitter":0.2}"#),
            ("Exponential", #"{"baseSeconds":100,"jitter":0.2}"#),
        ])
    func appliesJitter(plugin: String, settings: String) throws {
        let policy = try make(plugin, settings)
        #expect(try policy.decide(random: 0) == 100_000)
        #expect(try policy.decide(random: .max) == 80_000)
        #expect(try policy.decide(random: 1 << 63) == 90_000)
    }

    @Test(
        "Retry-After makes a delay longer up to the cap, and never shorter",
        arguments: [
            ("Fixed", #"{"delaySeconds":100,"retryAfterCapSeconds":200}"#),
            ("Schedule", #"{"delaysSeconds":[100],"retryAfterCapSeconds":200}"#),
            ("Exponential", #"{"baseSeconds":100,"retryAfterCapSeconds":200}"#),
        ])
    func honoursRetryAfter(plugin: String, settings: String) throws {
        let policy = try make(plugin, settings)
        let asked: [Int64] = [-1, 0, 99_999, 150_000, 200_000, 200_001, .max]
        let delays = try asked.map { try policy.decide(retryAfter: $0) }
        #expect(delays == [100_000, 100_000, 100_000, 150_000, 200_000, 200_000, 200_000])
    }

    @Test("Settings that make no policy are refused")
    func refusesSettings() throws {
        for (plugin, settings) in [
            ("Schedule", #"{"delaysSeconds":[]}"#), ("Schedule", #"{"delaysSeconds":["1"]}"#), ("Fixed", "{}"),
            ("Fixed", #"{"delaySeconds":1e999}"#), ("Exponential", #"{"factor":"2"}"#), ("Exponential", "[]"),
        ] {
            let failure = try #require(throws: CallFailure.self) { try make(plugin, settings) }
            #expect(failure.status == HKS_INVALID_SETTINGS)
        }
    }

    @Test("The C template waits longer each time and gives up when the destination is gone")
    func runsTemplate() throws {
        let policy = try make("TemplateC", "{}")
        #expect(try [1, 2, .max].map { try policy.decide(attempt: $0) } == [10_000, 20_000, 86_400_000])
        #expect(try policy.decide(retryAfter: 30_000) == 30_000)
        #expect(try policy.decide(outcome: HKS_OUTCOME_GONE) == nil)
    }
}
