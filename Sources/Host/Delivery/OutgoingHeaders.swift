import Domain
import Ports

/// Puts a delivery's headers together: the contract's, the Standard Webhooks ones, and the authenticator's.
///
/// The signatures are made over the body's exact bytes at send time, with every secret that is valid then: during a
/// rotation `webhook-signature` carries both (the specification allows a list), and the contract's header, which can
/// carry only one, uses the current secret, with the earlier one's beside it under a name of its own.
struct OutgoingHeaders {
    private(set) var fields: [HeaderField] = []

    static let userAgent = "HookSentry/1.0"

    /// Those that the authenticator sees. contentType: of the body as it is sent.
    init(for item: WorkItem, contentType: String) {
        fields.reserveCapacity(10)
        fields.append(HeaderField("Content-Type", contentType))
        fields.append(HeaderField("User-Agent", Self.userAgent))
        if item.isTest { fields.append(HeaderField("X-HookSentry-Test", "true")) }
        if !item.traceparent.isEmpty { fields.append(HeaderField("traceparent", item.traceparent)) }
    }

    mutating func sign(_ body: [UInt8], event: EventID, chain: AttemptChain, now: Timestamp) {
        let id = event.description
        let timestamp = now.seconds
        var standard = ""
        var isFirst = true
        for secret in chain.signers where secret.validUntil.map({ $0 > now }) ?? true {
            fields.append(
                HeaderField(
                    isFirst ? "X-HookSentry-Signature" : "X-HookSentry-Signature-Previous",
                    secret.signer.original(over: body)))
            if !isFirst { standard += " " }
            standard += secret.signer.standard(id: id, timestamp: timestamp, over: body)
            isFirst = false
        }
        fields.append(HeaderField("webhook-id", id))
        fields.append(HeaderField("webhook-timestamp", String(timestamp)))
        if !standard.isEmpty { fields.append(HeaderField("webhook-signature", standard)) }
    }

    /// Puts the authenticator's on, in the place of any of the same name (it can set none of the host's own), and
    /// returns the text for the attempt's record, their values hidden.
    mutating func authenticate(_ added: [HeaderField]) -> String {
        fields.removeAll { field in
            added.contains {
                // Lengths first: they spare nearly all of the comparing.
                $0.name.isExactlyIgnoringCase(field.name)
            }
        }
        var record = ""
        record.reserveCapacity(768)
        // In pieces: an interpolation would make a text of its own for each line.
        func note(_ name: String, _ value: String) {
            record += name
            record += ": "
            record += value
            record += "\n"
        }
        for field in fields { note(field.name, field.value) }
        for field in added {
            note(field.name, "***")
            fields.append(field)
        }
        return record
    }
}
