import Domain
import JSON
import Ports

/// Looks for a component's secret settings in all that it says: sentences, log lines, and what encodings make of them.
struct SecretsCheck {
    private let check: ComponentCheck
    private let settings: JSONValue
    /// Each form of each secret, and what it is called.
    private let needles: [(bytes: [UInt8], form: String)]

    /// Nil if the settings hold no secret long enough to be told from other text.
    init?(_ check: ComponentCheck, _ sample: JSONValue) {
        let root = check.component.offer.schema.root
        let known = root.mappingSecrets(of: sample) { text, node in
            // Told apart from everything else; kept as it was if the schema or `create` has other ideas.
            let canary = JSONValue.string("kit-secret-0f1e2d3c-\(text.utf8.count)")
            return (try? node.validate(canary)) != nil ? canary : .string(text)
        }
        var status = Status.internal
        let isTaken =
            BareInstance(
                check.component, settings: known.serialized(), host: RecordingHost(), status: &status) != nil
        settings = isTaken ? known : sample
        self.check = check
        needles = root.secretTexts(in: settings).filter { $0.count >= 8 }.flatMap(Self.forms)
        guard !needles.isEmpty else { return nil }
    }

    func run() throws(Complaint) -> String {
        let variants = SettingsVariants(check.component.offer.schema, around: settings)
        for variant in variants.accepted + variants.refused { try listen(to: variant, []) }
        let echo = Array(#"{"error":"invalid_client","error_description":""#.utf8)
        var inputs = HostileInputs.all.filter { $0.bytes.count < 10_000 }.map {
            WorkInput(body: $0.bytes)
        }
        for needle in needles {
            // A token endpoint that repeats what it was sent.
            inputs.append(
                WorkInput(body: needle.bytes, fetchStatus: 400, fetchBody: echo + needle.bytes + Array("\"}".utf8)))
        }
        try listen(to: settings, inputs)
        return "no secret in anything it reports or logs"
    }

    private func listen(to settings: JSONValue, _ inputs: [WorkInput]) throws(Complaint) {
        let host = RecordingHost()
        var status = Status.internal
        let instance = BareInstance(check.component, settings: settings.serialized(), host: host, status: &status)
        try search(host)
        for input in inputs {
            _ = instance?.work(input)
            try search(host)
            host.forget()
        }
    }

    private func search(_ host: RecordingHost) throws(Complaint) {
        for (said, what) in [(host.sentences, "the sentence it reports"), (host.lines, "a log line")] {
            for text in said {
                for needle in needles where text.contains(needle.bytes) {
                    throw Complaint("puts a secret setting into \(what)\(needle.form)")
                }
            }
        }
    }

    private static func forms(_ secret: [UInt8]) -> [(bytes: [UInt8], form: String)] {
        let digits = Array("0123456789abcdef".utf8)
        let hex = secret.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        let upper = hex.map { $0 >= 97 ? $0 - 32 : $0 }
        // Inside a longer text, base64 has three ways to fall.
        let base64 = (0..<3).map { (bytes: base64Middle(secret, offset: $0), form: ", as base64") }
        return [(secret, ""), (hex, ", in hexadecimal"), (upper, ", in hexadecimal")] + base64
    }

    /// The characters of base64 (RFC 4648, section 4) that depend on these bytes alone, if they begin at this offset.
    private static func base64Middle(_ bytes: [UInt8], offset: Int) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        let padded = [UInt8](repeating: 0, count: offset) + bytes
        var text: [UInt8] = []
        for start in stride(from: 0, to: padded.count / 3 * 3, by: 3) {
            let group = UInt32(padded[start]) << 16 | UInt32(padded[start + 1]) << 8 | UInt32(padded[start + 2])
            for shift in [18, 12, 6, 0] as [UInt32] { text.append(alphabet[Int(group >> shift & 63)]) }
        }
        return Array(text.dropFirst(offset == 0 ? 0 : 4))
    }
}

extension SchemaNode {
    /// The value with each secret text replaced.
    func mappingSecrets(of value: JSONValue, _ change: (String, SchemaNode) -> JSONValue) -> JSONValue {
        switch value {
        case .string(let text): return rules.isSecret ? change(text, self) : value
        case .object(let object):
            return .object(
                JSONObject(
                    object.members.map { name, value in
                        (name, property(name)?.mappingSecrets(of: value, change) ?? value)
                    }))
        case .array(let elements):
            return .array(elements.map { rules.items?.mappingSecrets(of: $0, change) ?? $0 })
        default: return value
        }
    }
}
