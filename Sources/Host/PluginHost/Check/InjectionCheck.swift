import JSON

/// Gives an authenticator settings with a line break inside, as far as its schema lets them through: a header may not
/// end early because a tenant wrote so.
struct InjectionCheck {
    private static let tails = ["\r\nX-Injected: yes", "\nX-Injected: yes", "\u{0}"]

    let check: ComponentCheck
    let settings: JSONValue

    func run() throws(Complaint) -> String {
        var tried = 0
        for settings in poisoned(settings) where (try? check.component.offer.schema.root.validate(settings)) != nil {
            check.run.step("settings \(check.component.offer.schema.root.redacted(settings).serializedText())")
            tried += 1
            var status = Status.internal
            let host = RecordingHost()
            let instance = BareInstance(
                check.component, settings: settings.serialized(), host: host, status: &status)
            guard let instance else { continue }
            let result = instance.work(WorkInput(body: Array("{}".utf8)))
            if let rule = result.brokenRule {
                throw Complaint("\(rule): refuse such settings in the schema or in create")
            }
        }
        return tried == 0 ? "its schema lets no line break through" : "refuses \(tried) settings with line breaks"
    }

    /// One for each text inside and each tail.
    private func poisoned(_ value: JSONValue) -> [JSONValue] {
        switch value {
        case .string(let text): return Self.tails.map { .string(text + $0) }
        case .object(let object):
            return object.members.indices.flatMap { index in
                poisoned(object.members[index].value).map { other in
                    var changed = object
                    changed.members[index].value = other
                    return .object(changed)
                }
            }
        case .array(let elements):
            return elements.indices.flatMap { index in
                poisoned(elements[index]).map { other in
                    var changed = elements
                    changed[index] = other
                    return .array(changed)
                }
            }
        default: return []
        }
    }
}
