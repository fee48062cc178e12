import Testing

@testable import Domain

@Suite struct ValuesTests {
    /// Computed with another implementation of FNV-1a; a change would send events to a shard nobody reads.
    @Test(arguments: [
        ("00000000-0000-0000-0000-000000000000", [5, 0, 101]), ("0198c0de-0000-7000-8000-000000000001", [1, 2, 193]),
        ("0198c0de-0000-7000-8000-000000000002", [8, 0, 168]), ("ffffffff-ffff-ffff-ffff-ffffffffffff", [5, 5, 85]),
    ])
    func `the shard of a destination never changes`(text: String, numbers: [Int16]) throws {
        let id = try #require(DestinationID(text))
        #expect([16, 7, 256].map { Shard(of: id, count: $0).number } == numbers)
    }

    @Test func `destinations spread evenly over the shards`() {
        var counts = [Int](repeating: 0, count: 16)
        for number in 0..<16_000 {
            let id = DestinationID(at: Timestamp(milliseconds: 1_800_000_000_000 + Int64(number)), random: (0, 7))
            counts[Int(Shard(of: id, count: 16).number)] += 1
        }
        #expect(counts.allSatisfy { (800...1_200).contains($0) })
    }

    @Test(arguments: [
        (200, OutcomeClass.succeeded), (204, .succeeded), (299, .succeeded), (199, .httpStatus), (300, .httpStatus),
        (302, .httpStatus), (400, .httpStatus), (401, .authenticationRefused), (403, .authenticationRefused),
        (404, .authenticationRefused), (405, .httpStatus), (410, .gone), (429, .httpStatus), (500, .httpStatus),
        (503, .httpStatus),
    ])
    func `statuses are read as the contract says`(status: Int, outcome: OutcomeClass) {
        #expect(OutcomeClass(httpStatus: status) == outcome)
    }

    @Test func `the stored names of outcomes stay`() {
        #expect(
            OutcomeClass.allCases.map(\.rawValue) == [
                "succeeded", "http_status", "authentication_refused", "gone", "timeout", "connect", "tls", "dns",
                "protocol", "address_blocked", "plugin", "internal",
            ])
    }

    @Test func `names and numbers are the contract's`() {
        #expect(
            EventStatus.allCases.map { "\($0.rawValue) \($0.name)" } == [
                "0 Pending", "1 Processing", "2 Succeeded", "3 Failed", "4 WaitingRetry", "5 CriticalFailure",
                "6 Cancelled", "7 AuthenticationFailed",
            ])
        #expect(
            DestinationStatus.allCases.map { "\($0.rawValue) \($0.name)" } == ["0 Active", "1 Inactive", "2 Suspended"])
        #expect(
            UserRole.allCases.map { "\($0.rawValue) \($0.name)" } == [
                "0 Developer", "1 Admin", "10 Owner", "20 Viewer",
            ])
        #expect(
            OutboundAuthType.allCases.map { "\($0.rawValue) \($0.name)" }
                == ["0 ApiKey", "1 BearerToken", "2 JwtBearer", "3 BasicAuth"])
        #expect(
            EventStatus.allCases.filter(\.isFinal) == [.succeeded, .criticalFailure, .cancelled, .authenticationFailed])
    }

    @Test(arguments: [
        ("WaitingRetry", EventStatus.waitingRetry), ("waitingretry", .waitingRetry), ("PENDING", .pending),
        ("4", .waitingRetry), ("0", .pending),
    ])
    func `a name in any case or a number is read`(text: String, status: EventStatus) {
        #expect(EventStatus(contract: text) == status)
    }

    @Test(arguments: ["", "8", "-1", "99999999", "Waiting Retry", "4.0", " 4", "ſucceeded"])
    func `another text is no status`(text: String) {
        #expect(EventStatus(contract: text) == nil)
    }

    @Test func `names are the contract's to the byte`() {
        let marks =
            String(repeating: "\u{0301}", count: 1 << 18) + String(repeating: "\u{0316}", count: 1 << 18)
        #expect(EventStatus(contract: marks) == nil)
        #expect(OutboundAuthType(contract: "Api\u{212A}ey") == nil)
    }
}
