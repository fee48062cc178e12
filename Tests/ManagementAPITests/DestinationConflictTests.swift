import Domain
import HTTPServer
import JSON
import Ports
import Testing

@testable import ManagementAPI

/// Others who change the same destination between the read and the write of a patch.
@Suite struct DestinationConflictTests {
    let harness = Harness()

    /// Sends a patch of the rate limit, and runs `others` before each write of it.
    private func patch(_ others: @escaping (inout DestinationRecord) -> Void, times: Int) -> HTTPResponse {
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant)
        let id = DestinationID(destination["id"]!.text!)!
        harness.pool.inspect { store in
            var left = times
            store.beforeDestinationUpdate = { store in
                guard left > 0 else { return }
                left -= 1
                others(&store.destinations[id]!.record)
                store.destinations[id]!.record.settingsVersion += 1
            }
        }
        return harness.send(
            "PATCH", "/api/v1/destinations/\(id)", token: tenant.token, ["serverRateLimit": 9])
    }

    @Test func `A patch keeps what somebody else changed meanwhile`() {
        let response = patch({ $0.url = "https://other.example/" }, times: 1)
        #expect(response.status == 200)
        #expect(response.document["url"] == "https://other.example/")
        #expect(response.document["serverRateLimit"] == 9)
        harness.pool.inspect { store in
            let record = store.destinations.values.first!.record
            #expect(record.url == "https://other.example/" && record.serverRateLimit == 9)
            #expect(record.settingsVersion == 3)
        }
    }

    @Test func `A patch that others are faster than twice is 409 and changes nothing`() {
        let response = patch({ $0.url = "https://other.example/" }, times: 2)
        #expect(response.status == 409)
        #expect(response.sentence == "the destination is being changed by others at the same time")
        harness.pool.inspect { store in
            let record = store.destinations.values.first!.record
            #expect(record.url == "https://other.example/" && record.serverRateLimit == 5)
        }
    }
}
