import Domain
import HTTPServer
import JSON
import Synchronization
import TestSupport
import Testing

@testable import Ingest

@Suite struct ContractTests {
    @Test func anEventIsStoredByteForByteAndPublished() throws {
        let platform = try Platform()
        let body = "{ \"amount\": 1.10,\n \"big\": 12345678901234567890, \"e\": 1e400 }"
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let response = try platform.post(
            body, headers: ["traceparent": trace, "Content-Type": "application/cloudevents+json; charset=utf-8"])
        #expect(response.status == 202)
        let event = try #require(platform.control.accepted.first)
        let id = event.item.eventID
        #expect(response.body == #"{"eventId":"\#(id)","status":"Pending","acceptedAt":"2026-08-01T12:00:00.123Z"}"#)
        #expect(response.field("Location") == "/api/v1/events/\(id)")
        #expect(response.field("Content-Type") == "application/json; charset=utf-8")
        #expect(id.createdAt == noon && event.item.acceptedAt == noon)
        #expect(event.item.payload == Array(body.utf8))
        #expect(event.item.contentType == "application/cloudevents+json; charset=utf-8")
        #expect(event.item.traceparent == trace)
        #expect(event.item.tenantID == ourTenant && event.item.destinationID == destination)
        #expect(event.shard == Shard(of: destination, count: 16))
        #expect(event.senderID == nil && event.mappingError == nil && event.idempotencyKey == nil)
        let published = platform.publisher.items.withLock { $0 }
        #expect(published.count == 1 && published[0].item == event.item && published[0].shard == event.shard)
        #expect(eventually { platform.count("hooksentry_ingest_accepted_total 1") })
        #expect(platform.count(#"hooksentry_ingest_requests_total{result="accepted"} 1"#))
        #expect(platform.count("hooksentry_accept_queue_events 0"))
    }

    @Test(arguments: [[:], ["X-Api-Key": "nobody's"], ["X-Api-Key": ""], ["Authorization": "Bearer key"]])
    func aMissingOrUnknownKeyIs401(headers: [String: String]) throws {
        let platform = try Platform()
        let client = platform.client
        for _ in 0..<2 {
            client.send(platform.path(), headers, "{}")
            let response = try #require(client.response())
            #expect(response.status == 401 && response.body == "")
        }
        #expect(platform.control.accepted.isEmpty)
    }

    @Test func anotherTenantsPathIs403BeforeAnythingElse() throws {
        let platform = try Platform()
        let response = try platform.post("no json", token: "nonsense", tenant: otherTenant)
        #expect(response.status == 403 && response.body == "")
    }

    @Test func aTokenOfAnotherTenantIs403() throws {
        let platform = try Platform()
        platform.addToken("dst_theirs", of: otherTenant)
        let response = try platform.post(token: "dst_theirs")
        #expect(response.status == 403 && response.body == "")
    }

    @Test(arguments: [
        ("nonsense", 400, "must begin with dst_ or sndr_"), ("DST_1", 400, "must begin with"),
        ("dst_" + String(repeating: "x", count: 509), 400, "longer than 512"),
        ("dst_" + String(repeating: "x", count: 508), 404, "ingest token"),
        ("dst_a%0Ab", 400, "control characters"), ("dst_unknown", 404, "ingest token"), ("sndr_unknown", 404, "token"),
    ])
    func badTokensAreExplainedInAJSONString(token: String, status: Int, part: String) throws {
        let platform = try Platform()
        let response = try platform.post(token: token)
        #expect(response.status == status)
        #expect(response.field("Content-Type") == "application/json; charset=utf-8")
        let text = try #require(try JSONValue(parsing: Array(response.body.utf8)).text)
        #expect(text.contains(part))
    }

    @Test(arguments: [DestinationStatus.inactive, .suspended])
    func aDestinationThatIsNotActiveIs422(status: DestinationStatus) throws {
        let platform = try Platform()
        platform.addToken("dst_off", status: status)
        let response = try platform.post(token: "dst_off")
        #expect(response.status == 422 && response.body.contains(status.name))
    }

    @Test(arguments: [
        ("", 400), ("[]", 400), ("\"text\"", 400), ("null", 400), ("{", 400), ("{}{}", 400), (#"{"a":01}"#, 400),
        (#"{"a":"\#(String(repeating: "[", count: 100))"}"#, 202),
        (#"{"a":\#(String(repeating: "[", count: 63))\#(String(repeating: "]", count: 63))}"#, 202),
        (#"{"a":\#(String(repeating: "[", count: 64))\#(String(repeating: "]", count: 64))}"#, 400),
        (" {} ", 202), (#"{"ä":"\u00e4"}"#, 202),
    ])
    func onlyJSONObjectsAreAccepted(body: String, status: Int) throws {
        let platform = try Platform()
        let response = try platform.post(body)
        #expect(response.status == status, "\(response.body)")
        if status == 400 { #expect(response.body.hasPrefix("\"The body")) }
        #expect(platform.control.accepted.count == (status == 202 ? 1 : 0))
    }

    @Test(arguments: [
        ("text/plain", 415), ("application/xml", 415), ("application/json", 202),
        ("Application/JSON;charset=utf-8", 202),
    ])
    func otherMediaTypesAre415(type: String, status: Int) throws {
        let platform = try Platform()
        let response = try platform.post(headers: ["Content-Type": type])
        #expect(response.status == status)
        if status == 202 { #expect(platform.control.accepted.first?.item.contentType == type) }
    }

    @Test func aBodyBeyondTheLimitIs413AndOtherMethodsAre405() throws {
        let platform = try Platform { $0.ingestBodyBytes = 100 }
        #expect(try platform.post(#"{"a":"\#(String(repeating: "x", count: 100))"}"#).status == 413)
        #expect(try platform.post("{}", token: "dst_1/more").status == 404)
    }

    @Test(arguments: [
        (String(repeating: "k", count: 256), 400), (String(repeating: "k", count: 255), 202), ("", 202),
        ("\u{FFFD}", 400),
    ])
    func idempotencyKeysAreBounded(key: String, status: Int) throws {
        let platform = try Platform()
        let response = try platform.post(headers: ["X-Idempotency-Key": key])
        #expect(response.status == status)
        if key.isEmpty { #expect(platform.control.accepted.first?.idempotencyKey == nil) }
    }

    @Test func aRepeatedKeyGetsTheFirstEventWithItsStatusNow() throws {
        let platform = try Platform()
        let headers = ["X-Idempotency-Key": "order 7"]
        let first = try platform.post(#"{"n":1}"#, headers: headers)
        #expect(first.status == 202)
        platform.control.change { $0.statusOfEarlier = .succeeded }
        let second = try platform.post(#"{"n":2}"#, headers: headers)
        #expect(second.status == 200)
        let sameEvent = first.body.replacing("Pending", with: "Succeeded")
        #expect(second.body == sameEvent.dropLast() + #","payloadDiffers":true}"#)
        #expect(try platform.post(#"{"n":1}"#, headers: headers).body == sameEvent)
        #expect(second.field("Location") == first.field("Location"))
        #expect(platform.control.accepted.count == 1)
        #expect(platform.publisher.items.withLock { $0.count } == 1)
        // The token is judged before the key.
        #expect(try platform.post(token: "nonsense", headers: headers).status == 400)
    }

    @Test func aSendersMappingIsAppliedOnceCompiled() throws {
        let platform = try Platform()
        platform.addToken("sndr_1", mapping: #"{"x":"y"}"#)
        for number in 0..<5 {
            #expect(
                try platform.post(#"{"n":\#(number)}"#, token: "sndr_1", headers: ["Content-Type": "text/json"]).status
                    == 202)
        }
        let items = platform.control.accepted
        #expect(
            items.map { String(decoding: $0.item.payload, as: UTF8.self) }
                == (0..<5).map { #"{"mapped":{"n":\#($0)}}"# })
        #expect(items.allSatisfy { $0.senderID == sender && $0.mappingError == nil })
        #expect(items.allSatisfy { $0.item.contentType == "application/json; charset=utf-8" })
        #expect(platform.catalog.made.load(ordering: .relaxed) == 1)
    }

    /// What the plugin could not do at one moment it may do at the next; what is wrong with a mapping stays wrong.
    @Test(arguments: [(#"{"late":1}"#, 3, [true, true, false, false]), (#"{"bad":1}"#, 1, [true, true, true, true])])
    func aMappingIsCompiledAgainAfterAPassingFailure(mapping: String, made: Int, failed: [Bool]) throws {
        let platform = try Platform()
        platform.addToken("sndr_1", mapping: mapping)
        for number in failed.indices {
            #expect(try platform.post(#"{"n":\#(number)}"#, token: "sndr_1").status == 202)
        }
        #expect(platform.control.accepted.map { $0.mappingError != nil } == failed)
        #expect(platform.catalog.made.load(ordering: .relaxed) == made)
    }

    @Test(arguments: [
        (#"{"bad":1}"#, "the mapping cannot be compiled"), (#"{"fails":1}"#, "the payload cannot be mapped"),
    ])
    func aMappingThatFailsKeepsTheRawPayloadAndSaysWhy(mapping: String, sentence: String) throws {
        let platform = try Platform()
        platform.addToken("sndr_1", mapping: mapping)
        #expect(try platform.post(#"{"n":1}"#, token: "sndr_1").status == 202)
        let event = try #require(platform.control.accepted.first)
        #expect(String(decoding: event.item.payload, as: UTF8.self) == #"{"n":1}"#)
        #expect(event.mappingError == sentence)
    }
}
