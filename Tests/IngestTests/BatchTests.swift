import Domain
import JSON
import Ports
import TestSupport
import Testing

@testable import Ingest

@Suite struct BatchTests {
    private func post(
        _ platform: Platform, _ body: String, token: String = "dst_1", headers: [String: String] = [:]
    ) throws -> PostClient.Response {
        let client = platform.client
        client.send(platform.path(token) + "/batch", ["X-Api-Key": "key"].merging(headers) { $1 }, body)
        return try #require(client.response())
    }

    private func results(_ response: PostClient.Response) throws -> [JSONObject] {
        let document = try JSONValue(parsing: Array(response.body.utf8))
        return try #require(document.members?["results"]?.elements).compactMap(\.members)
    }

    @Test func payloadsAreStoredByteForByteInOneCommit() throws {
        let platform = try Platform()
        let response = try post(platform, "[ {\"n\": 1.10 , \"e\":1e400},\n{} ,{\"s\":\"\\u00fc\"} ]")
        #expect(response.status == 200)
        let head = #"{"accepted":3,"duplicates":0,"refused":0,"results":[{"code":202,"eventId":""#
        #expect(response.body.hasPrefix(head))
        let batches = platform.control.state.withLock { $0.batches }
        #expect(batches.count == 1)
        let payloads = batches[0].map { String(decoding: $0.item.payload, as: UTF8.self) }
        #expect(payloads == ["{\"n\": 1.10 , \"e\":1e400}", "{}", "{\"s\":\"\\u00fc\"}"])
        let results = try results(response)
        #expect(results.map { $0["eventId"]?.text } == batches[0].map { "\($0.item.eventID)" })
        #expect(results.allSatisfy { $0["status"] == "Pending" && $0["acceptedAt"] == "2026-08-01T12:00:00.123Z" })
        #expect(platform.publisher.items.withLock { $0.count } == 3)
        #expect(eventually { platform.count(#"hooksentry_ingest_requests_total{result="accepted"} 3"#) })
        #expect(platform.count("hooksentry_accept_queue_events 0"))
    }

    @Test func namesOfMembersAreComparedByBytes() throws {
        let body = #"{"\#(combiningMarks)":[],"EVENTS":[{"\#(combiningMarks)":{},"Payload":{},"\#u{212A}ey":1}]}"#
        let batch = try BatchBody(Array(body.utf8), limits: Limits())
        #expect(try batch.items.map { try $0.get().payload.count } == [2])
    }

    @Test func eachEventHasItsOwnKeyAndItsOwnResult() throws {
        let platform = try Platform()
        let response = try post(
            platform,
            #"""
            {"Events": [
                {"payload": {"a": 1}, "idempotencyKey": "one"}, {"payload": {"a": 1}, "idempotencyKey": "one"},
                {"payload": {"a": 2}, "idempotencyKey": "one"}, {"payload": [1]}, {"idempotencyKey": "two"}, 7,
                {"payload": {"b": 1}, "idempotencyKey": null}, {"payload": {}, "idempotencyKey": 7},
                {"payload": {}, "idempotencyKey": "a\nb"}
            ]}
            """#)
        let results = try results(response)
        #expect(results.compactMap { $0["code"]?.integer } == [202, 200, 200, 400, 400, 400, 202, 400, 400])
        #expect(results[1]["eventId"] == results[0]["eventId"] && results[1]["payloadDiffers"] == nil)
        #expect(results[2]["eventId"] == results[0]["eventId"] && results[2]["payloadDiffers"] == true)
        #expect(
            results.compactMap { $0["error"]?.text } == [
                "The payload must be a JSON object.", "payload is required.",
                "The event must be an object with a payload.", "idempotencyKey must be a string.",
                "idempotencyKey must not contain control characters.",
            ])
        #expect(platform.control.accepted.count == 2)
    }

    @Test(arguments: [
        ("", "not valid JSON"), ("[", "not valid JSON"), ("[{},]", "not valid JSON"), ("[{}] 1", "not valid JSON"),
        ("[]", "1 to 3 events"), ("[{},{},{},{}]", "1 to 3 events"), (#"{"events":{}}"#, "must be an array"),
        (#"{"payload":{}}"#, "must be an array"), (#"{"events":[]}"#, "1 to 3 events"), ("7", "must be an array"),
    ])
    func aBodyThatIsNoBatchIs400AndStoresNothing(body: String, part: String) throws {
        let platform = try Platform { $0.batchEvents = 3 }
        let response = try post(platform, body)
        #expect(response.status == 400 && response.body.contains(part), "\(response.body)")
        #expect(platform.control.accepted.isEmpty)
    }

    @Test func aPayloadThatIsTooLongIsRefusedByItself() throws {
        let platform = try Platform { $0.ingestBodyBytes = 20 }
        let results = try results(post(platform, #"[{"a":1},{"a":"\#(String(repeating: "x", count: 20))"}]"#))
        #expect(results.compactMap { $0["code"]?.integer } == [202, 413])
    }

    @Test func payloadsMayBeNestedAsDeeplyAsByThemselves() throws {
        let platform = try Platform()
        let deep = #"{"a":\#(String(repeating: "[", count: 63))\#(String(repeating: "]", count: 63))}"#
        #expect(try post(platform, "[\(deep)]").status == 200)
        #expect(try post(platform, #"{"events":[{"payload":\#(deep)}]}"#).status == 200)
    }

    @Test func tokensKeysAndHeadersCountAsForOneEvent() throws {
        let platform = try Platform()
        platform.addToken("dst_off", status: .inactive)
        platform.addToken("dst_theirs", of: otherTenant)
        #expect(try post(platform, "[{}]", headers: ["X-Api-Key": "nobody's"]).status == 401)
        #expect(try post(platform, "[{}]", token: "dst_theirs").status == 403)
        #expect(try post(platform, "[{}]", token: "dst_unknown").status == 404)
        #expect(try post(platform, "[{}]", token: "dst_off").status == 422)
        #expect(try post(platform, "[{}]", headers: ["Content-Type": "text/plain"]).status == 415)
        #expect(try post(platform, "[{}]", headers: ["X-Idempotency-Key": "k"]).status == 400)
        platform.addToken("sndr_1", mapping: "{}")
        #expect(try post(platform, #"[{"a":1}]"#, token: "sndr_1").status == 200)
        let payloads = platform.control.accepted.map { String(decoding: $0.item.payload, as: UTF8.self) }
        #expect(payloads == [#"{"mapped":{"a":1}}"#])
    }

    @Test func aBatchThatItsMappingMakesTooLargeIsRefusedAsAWhole() throws {
        let platform = try Platform { $0.acceptQueueBytes = 50 }
        platform.addToken("sndr_1", mapping: "{}")
        let response = try post(platform, #"[{"a":1},{"a":2},{"a":3}]"#, token: "sndr_1")
        #expect(response.status == 413 && response.body == #""The batch, mapped, has more than 50 bytes.""#)
        #expect(platform.control.accepted.isEmpty)
        #expect(try post(platform, #"[{"a":1},{"a":2}]"#, token: "sndr_1").status == 200)
    }

    @Test func aBatchWhoseMappingTakesTooLongIsRefusedAsAWhole() throws {
        let platform = try Platform { $0.batchMapping = .zero }
        platform.addToken("sndr_1", mapping: "{}")
        let response = try post(platform, #"[{"a":1},{"a":2}]"#, token: "sndr_1")
        #expect(response.status == 413 && response.body.contains("mapping took too long"), "\(response.body)")
        #expect(platform.control.accepted.isEmpty)
        #expect(try post(platform, #"[{"a":1},{"a":2}]"#).status == 200)
    }

    @Test func keysThatOnlyLookTheSameAreTwo() throws {
        let platform = try Platform()
        let body = #"{"events":[{"payload":{},"idempotencyKey":"\#u{E9}"},"#
            + #"{"payload":{},"idempotencyKey":"e\#u{301}"}]}"#
        #expect(try post(platform, body).status == 200)
        #expect(platform.control.accepted.count == 2)
    }

    @Test func aStoreThatIsAwayTakesNothingAndSaysSoForTheWhole() throws {
        let platform = try Platform()
        platform.control.change { $0.isAway = true }
        let response = try post(platform, #"[{"a":1},7,{"a":2}]"#)
        #expect(response.status == 503 && response.field("Retry-After") != nil && response.body == "")
        platform.control.change { $0.isAway = false }
        #expect(try post(platform, #"[{"a":1},7,{"a":2}]"#).status == 200)
        #expect(platform.control.accepted.count == 2)
    }

    @Test func aRefusedBatchFailsWholeAndAlone() throws {
        let platform = try Platform { $0.acceptBatchEvents = 4 }
        platform.control.change { $0.refused = [#"{"bad":1}"#] }
        platform.control.isGated.store(true, ordering: .sequentiallyConsistent)
        let first = platform.client
        first.send(platform.path(), ["X-Api-Key": "key"], "{}")
        #expect(eventually { platform.control.entered.count > 0 })
        // These wait while the first one commits, and then share its successor.
        let (bad, good, single) = (platform.client, platform.client, platform.client)
        bad.send(
            platform.path() + "/batch", ["X-Api-Key": "key"],
            #"[{"x":1},{"x":2},{"bad":1},{"x":3},{"x":4},{"x":5}]"#)
        #expect(eventually { platform.count("hooksentry_accept_queue_events 7") })
        good.send(platform.path() + "/batch", ["X-Api-Key": "key"], #"[{"y":1},{"y":2}]"#)
        single.send(platform.path(), ["X-Api-Key": "key"], #"{"z":1}"#)
        #expect(eventually { platform.count("hooksentry_accept_queue_events 10") })
        platform.control.open()
        #expect(first.response()?.status == 202)
        #expect(bad.response()?.status == 500)
        #expect(good.response()?.status == 200)
        #expect(single.response()?.status == 202)
        let stored = platform.control.accepted.map { String(decoding: $0.item.payload, as: UTF8.self) }
        #expect(Set(stored) == ["{}", #"{"y":1}"#, #"{"y":2}"#, #"{"z":1}"#])
    }

    @Test func aBatchGoesIntoOneCommitWhateverTheLimit() throws {
        let platform = try Platform { $0.acceptBatchEvents = 2 }
        #expect(try post(platform, "[{},{},{},{},{}]").status == 200)
        #expect(platform.control.state.withLock { $0.batches.map(\.count) } == [5])
    }
}
