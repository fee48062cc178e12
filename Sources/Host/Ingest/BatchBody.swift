import Domain
import JSON

/// The body of a batch, cut into events whose payloads are as they were posted.
///
/// Two forms: an array of payloads, or an object `{"events": [{"payload": {…}, "idempotencyKey": "…"}, …]}`, whose
/// names may have any case and whose other members are ignored. A payload is an object in either of them.
struct BatchBody {
    struct Item: Equatable {
        /// Offsets into the body.
        var payload: Range<Int>
        var idempotencyKey: String?
    }

    /// For each event what it is, or why it is refused.
    let items: [Result<Item, Complaint>]

    /// Why an event, or the whole body, is refused.
    struct Complaint: Error {
        var answer: IngestAnswer

        static func invalid(_ sentence: String) -> Complaint { Complaint(answer: .invalid(sentence)) }
    }

    init(_ bytes: [UInt8], limits: Limits) throws(Complaint) {
        let isArray = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "[")
        let elements: [Range<Int>]? = try Self.parsing { () throws(JSONError) in
            // Payloads may be nested as deeply as by themselves, below what a batch puts around them.
            isArray
                ? try JSONSlices.elements(of: bytes, depthLimit: limits.jsonDepth + 1)
                : try Self.events(in: bytes, depthLimit: limits.jsonDepth + 3)
        }
        guard let elements else {
            throw .invalid(#"A batch must be an array, or an object with an array "events"."#)
        }
        guard !elements.isEmpty, elements.count <= limits.batchEvents else {
            throw .invalid("A batch must have 1 to \(limits.batchEvents) events.")
        }
        items = elements.map { element in
            Result { () throws(Complaint) in
                let item = isArray ? Item(payload: element) : try Self.item(in: bytes, at: element, limits)
                try Self.check(item, bytes, limits)
                return item
            }
        }
    }

    private static func parsing<Value>(_ read: () throws(JSONError) -> Value) throws(Complaint) -> Value {
        do throws(JSONError) {
            return try read()
        } catch {
            throw .invalid("The body is not valid JSON: \(error.sentence) (byte \(error.offset)).")
        }
    }

    /// Nil if there is no such array.
    private static func events(in bytes: [UInt8], depthLimit: Int) throws(JSONError) -> [Range<Int>]? {
        guard try JSONScanner.validate(bytes, depthLimit: depthLimit) == .object,
            let events = try member("events", in: JSONSlices.members(of: bytes, depthLimit: depthLimit)),
            bytes[events.lowerBound] == UInt8(ascii: "[")
        else { return nil }
        return try JSONSlices.elements(of: bytes, in: events, depthLimit: depthLimit)
    }

    /// The last one counts when a name is repeated.
    private static func member(_ name: String, in members: [(name: String, value: Range<Int>)]) -> Range<Int>? {
        members.last { $0.name.isExactlyIgnoringCase(name) }?.value
    }

    private static func item(in bytes: [UInt8], at element: Range<Int>, _ limits: Limits) throws(Complaint) -> Item {
        guard bytes[element.lowerBound] == UInt8(ascii: "{") else {
            throw .invalid("The event must be an object with a payload.")
        }
        let members = try parsing { () throws(JSONError) in
            try JSONSlices.members(of: bytes, in: element, depthLimit: limits.jsonDepth + 3)
        }
        guard let payload = member("payload", in: members) else { throw .invalid("payload is required.") }
        var item = Item(payload: payload)
        if let key = member("idempotencyKey", in: members), bytes[key.lowerBound] != UInt8(ascii: "n") {
            guard let text = try? JSONValue(parsing: Array(bytes[key])).text else {
                throw .invalid("idempotencyKey must be a string.")
            }
            item.idempotencyKey = text.isEmpty ? nil : text
        }
        return item
    }

    private static func check(_ item: Item, _ bytes: [UInt8], _ limits: Limits) throws(Complaint) {
        guard bytes[item.payload.lowerBound] == UInt8(ascii: "{") else {
            throw .invalid("The payload must be a JSON object.")
        }
        guard item.payload.count <= limits.ingestBodyBytes else {
            throw Complaint(
                answer: .tooLong("The payload must not be longer than \(limits.ingestBodyBytes) bytes."))
        }
        if let key = item.idempotencyKey,
            let complaint = IngestRules.complaint(aboutIdempotencyKey: key, named: "idempotencyKey")
        {
            throw .invalid(complaint)
        }
    }
}
