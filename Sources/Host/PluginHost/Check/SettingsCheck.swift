import Domain
import JSON

/// Creates a component with settings around its samples: those that its schema accepts, and those that it refuses.
///
/// The host lets none of the latter through. They are tried all the same, because a `create` that crashes on them
/// trusts a check in another program.
struct SettingsCheck {
    private let check: ComponentCheck
    private let variants: SettingsVariants

    init(_ check: ComponentCheck, around sample: JSONValue) {
        self.check = check
        variants = SettingsVariants(check.component.offer.schema, around: sample)
    }

    func runAll() {
        check.run.check(.settings) { () throws(Complaint) in try checkAccepted() }
        check.run.check(.brokenSettings) { () throws(Complaint) in try checkRefused() }
    }

    private func checkAccepted() throws(Complaint) -> String {
        var taken = 0
        for settings in variants.accepted where try isTaken(settings) { taken += 1 }
        let refused = variants.accepted.count - taken
        return "\(taken) variants that the schema accepts were taken, \(refused) refused with a reason"
    }

    private func checkRefused() throws(Complaint) -> String {
        for settings in variants.refused { _ = try isTaken(settings) }
        for broken in Self.noSettings { _ = try isTaken(broken.bytes, broken.name) }
        return "\(variants.refused.count + Self.noSettings.count) variants that the schema refuses did no harm"
    }

    private static let noSettings: [(name: String, bytes: [UInt8])] = [
        ("nothing at all", []), ("half an object", Array(#"{"a":[{"#.utf8)), ("no JSON", Array("settings".utf8)),
        ("bytes that are not UTF-8", Array(#"{"a":""#.utf8) + [0xFF, 0xC0, 0x22, 0x7D]),
        ("an array", Array("[]".utf8)),
        ("1,000 levels of nesting", Array(repeatElement("[".utf8, count: 1_000).joined())),
    ]

    private func isTaken(_ settings: JSONValue) throws(Complaint) -> Bool {
        let shown = check.component.offer.schema.root.redacted(settings).serializedText()
        return try isTaken(settings.serialized(), shown)
    }

    /// Asked twice: a reason that depends on anything but the settings helps nobody.
    private func isTaken(_ settings: [UInt8], _ shown: String) throws(Complaint) -> Bool {
        check.run.step("settings \(shown.prefix(200))")
        let first = try create(settings, shown)
        let second = try create(settings, shown)
        guard first == second else {
            throw Complaint("answers the same settings once one way and once another: \(shown.prefix(200))")
        }
        return first == nil
    }

    /// Nil if they were taken, else the reason.
    private func create(_ settings: [UInt8], _ shown: String) throws(Complaint) -> [UInt8]? {
        let host = RecordingHost()
        var status = Status.internal
        if BareInstance(check.component, settings: settings, host: host, status: &status) != nil { return nil }
        if status == Status.ok { throw Complaint("returned HKS_OK from create without an instance") }
        guard status == Status.invalidSettings else {
            let name = Status.name(status) ?? "status \(status)"
            throw Complaint("refuses settings with \(name), where HKS_INVALID_SETTINGS belongs: \(shown.prefix(200))")
        }
        guard let reason = host.sentences.last, !reason.isEmpty else {
            throw Complaint("refuses settings without a reason; report a sentence first: \(shown.prefix(200))")
        }
        return reason
    }
}
