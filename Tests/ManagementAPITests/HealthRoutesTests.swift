import JSON
import Testing

@testable import ManagementAPI

@Suite struct HealthRoutesTests {
    @Test func `Health asks nobody`() {
        let harness = Harness()
        harness.pool.fail(with: .unavailable("it is gone"))
        let response = harness.send("GET", "/health")
        #expect(response.status == 200)
        #expect(response.text == #"{"status":"healthy","timestamp":"2026-08-01T09:00:00.000Z"}"#)
    }

    @Test func `Readiness names the parts that are not ready, and why`() {
        let half = Harness {
            $0.readiness = {
                [PartHealth(name: "broker", reason: nil), PartHealth(name: "store", reason: "connection refused")]
            }
        }
        let response = half.send("GET", "/health/ready")
        #expect(response.status == 503)
        #expect(response.document["status"] == "unavailable")
        #expect(
            response.document["parts"] == [
                ["name": "broker", "ready": true, "reason": nil],
                ["name": "store", "ready": false, "reason": "connection refused"],
            ])
        let whole = Harness {
            $0.readiness = {
                [PartHealth(name: "store", reason: nil), PartHealth(name: "broker", isVital: false, reason: "away")]
            }
        }.send("GET", "/health/ready")
        #expect(whole.status == 200)
        #expect(whole.document["status"] == "ready")
    }

    @Test func `Metrics are served as Prometheus text`() {
        let response = Harness { $0.metrics = { "up 1\n" } }.send("GET", "/metrics")
        #expect(response.status == 200)
        #expect(response.text == "up 1\n")
        #expect(response.header("Content-Type")?.hasPrefix("text/plain; version=0.0.4") == true)
    }
}
