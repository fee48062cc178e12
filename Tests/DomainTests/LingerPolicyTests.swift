import Domain
import Testing

@Suite struct LingerPolicyTests {
    @Test(arguments: [
        (1, 0.0, 0), (1, 200, 0), (1, 499, 0), (1, 500, 2_000), (1, 1_000, 2_000), (60, 1_000, 2_000),
        (1, 63_000, 1_000), (33, 31_000, 1_000), (64, 63_000, 0), (500, 63_000, 0),
    ])
    func lingeringDependsOnTheCompanyToExpect(waiting: Int, rate: Double, microseconds: Int) {
        let policy = LingerPolicy(longest: .milliseconds(2), enough: 64)
        #expect(policy.linger(waiting: waiting, rate: rate) == .microseconds(microseconds))
        #expect(LingerPolicy.none.linger(waiting: waiting, rate: rate) == .zero)
    }

    @Test func theArrivalRateFollowsTheLoadAndFadesWhenIdle() {
        var rate = ArrivalRate()
        for _ in 0..<1_000 { rate.arrived(5, in: .milliseconds(1)) }
        #expect((4_900...5_100).contains(rate.perSecond))
        rate.arrived(1, in: .seconds(5))
        #expect(rate.perSecond < 150)
    }

    @Test(arguments: [(999.0, 0), (3_199, 0), (3_200, 10_000), (10_000, 10_000), (125_000, 1_000)])
    func lessCompanyThanAskedForIsNotWorthTheWait(rate: Double, microseconds: Int) {
        let policy = LingerPolicy(longest: .milliseconds(10), enough: 128, companyMin: 32)
        #expect(policy.linger(waiting: 3, rate: rate) == .microseconds(microseconds))
        #expect(policy.linger(waiting: 128, rate: rate) == .zero)
    }
}
