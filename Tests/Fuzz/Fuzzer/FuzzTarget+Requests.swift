import Domain
import JSON
import Ports

@testable import Delivery
@testable import Ingest
@testable import ManagementAPI

extension FuzzTarget {
    /// What clients and destinations say in requests and answers.
    static let requests = [
        FuzzTarget(name: "batch") { input in
            guard let batch = try? BatchBody(input, limits: limits) else { return }
            law((1...limits.batchEvents).contains(batch.items.count), "a batch has \(batch.items.count) events")
            var end = 0
            for case .success(let item) in batch.items {
                law(item.payload.lowerBound >= end, "two payloads overlap")
                end = item.payload.upperBound
                law(item.payload.count <= limits.ingestBodyBytes, "a payload is longer than the limit")
                let payload = Array(input[item.payload])
                let kind = try? JSONScanner.validate(payload, depthLimit: limits.jsonDepth)
                law(kind == .object, "a payload is no object that would be taken by itself")
                law(payload.first == 0x7B && payload.last == 0x7D, "a payload has something around it")
            }
        },
        // Every reader of a header's value gets the whole input.
        FuzzTarget(name: "header") { input in
            let text = input.text
            if let delay = retryAfterDelay(text, now: Timestamp(seconds: 1_700_000_000)) {
                law(delay >= .zero, "Retry-After asks for the past")
            }
            if IngestRules.isTraceparent(text) {
                law(input.count == 55 && isPrintable(input), "a traceparent would not stay in its line")
            }
            if let type = IngestRules.contentType(text) {
                law(isPrintable(Array(type.utf8)), "a content type would not stay in its line")
            }
            if IngestRules.complaint(aboutIdempotencyKey: text) == nil {
                law(text.utf16.count <= IngestRules.idempotencyKeyLengthMax, "a key is too long")
                law(input == Array(text.utf8), "two keys would look the same")
            }
            if let position = StreamPosition(text) { law(position.text == text, "two ids mean the same place") }
        },
        FuzzTarget(name: "cursor") { input in
            guard let event = try? list.event(from: input.text) else { return }
            law(list.text(after: event) == input.text, "two cursors mean the same place")
            law((try? otherList.event(from: input.text)) == nil, "a cursor fits another list")
        },
    ]

    private static let limits: Limits = {
        var limits = Limits()
        limits.batchEvents = 8
        limits.ingestBodyBytes = 512
        limits.jsonDepth = 6
        return limits
    }()

    private static func isPrintable(_ bytes: [UInt8]) -> Bool { bytes.allSatisfy { (0x20...0x7E).contains($0) } }

    private static let list = cursors(of: 1)
    private static let otherList = cursors(of: 2)

    private static func cursors(of tenant: UInt64) -> EventCursor {
        EventCursor(of: TenantID(high: 0, low: tenant), EventFilter(), descending: true)
    }
}
