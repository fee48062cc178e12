import JSON

/// Which setting breaks which rule: `headerName must match ^[A-Za-z0-9_-]+$`. It never quotes a value, which may be
/// a secret.
struct SettingsMistake: Error, Equatable {
    var sentence: String
}

extension SchemaNode {
    /// Checks a value and all it holds. place: the path from the root, member names joined by dots, indices in
    /// brackets; empty at the root. allowsHTTP: the operator lets plain http pass where a schema wants https.
    func validate(_ value: JSONValue, at place: String = "", allowsHTTP: Bool = false) throws(SettingsMistake) {
        try checkKind(value, place)
        switch value {
        case .string(let text): try checkText(text, place, allowsHTTP)
        case .number(let text): try checkNumber(text, place)
        case .array(let elements): try checkElements(elements, place, allowsHTTP)
        case .object(let object): try checkMembers(object, place, allowsHTTP)
        case .null, .bool: break
        }
    }

    /// A name the tenant made up, fit for a sentence.
    private func shown(_ name: String) -> String {
        PluginSentence.cleaned(Array(name.utf8.prefix(64)), limit: 60, secrets: [])
    }

    private func refuse(_ place: String, _ rule: String) -> SettingsMistake {
        SettingsMistake(sentence: "\(place.isEmpty ? "the settings" : place) \(rule)")
    }

    private func checkKind(_ value: JSONValue, _ place: String) throws(SettingsMistake) {
        if !rules.types.isEmpty, !rules.types.contains(where: { $0.accepts(value) }) {
            throw refuse(place, "must be " + rules.types.map(\.words).joined(separator: " or "))
        }
        if let constant = rules.constant, !constant.isSame(as: value) {
            throw refuse(place, "must be \(constant.serializedText())")
        }
        if let allowed = rules.allowed, !allowed.contains(where: { $0.isSame(as: value) }) {
            throw refuse(place, "must be one of " + allowed.map { $0.serializedText() }.joined(separator: ", "))
        }
    }

    private func checkText(_ text: String, _ place: String, _ allowsHTTP: Bool) throws(SettingsMistake) {
        let length = text.utf16.count
        if let least = rules.lengthMin, length < least {
            throw refuse(place, least == 1 ? "must not be empty" : "must have at least \(least) characters")
        }
        // Before the pattern: what a regular expression costs grows with the text.
        if let most = rules.lengthMax, length > most { throw refuse(place, "must have at most \(most) characters") }
        switch rules.format {
        case .uri where !SettingsURI.isURI(text): throw refuse(place, "must be an absolute URI")
        case .httpsURI where !SettingsURI.isWeb(text, allowsHTTP: allowsHTTP):
            throw refuse(place, "must be an https:// URL")
        default: break
        }
        if let pattern = rules.pattern, !pattern.matches(text) { throw refuse(place, "must match \(pattern.source)") }
    }

    private func checkNumber(_ text: String, _ place: String) throws(SettingsMistake) {
        guard let number = Double(text) else { throw refuse(place, "must be a number") }
        if let bound = rules.minimum, number < bound.value { throw refuse(place, "must be at least \(bound.text)") }
        if let bound = rules.maximum, number > bound.value { throw refuse(place, "must be at most \(bound.text)") }
        if let bound = rules.exclusiveMinimum, number <= bound.value {
            throw refuse(place, "must be more than \(bound.text)")
        }
        if let bound = rules.exclusiveMaximum, number >= bound.value {
            throw refuse(place, "must be less than \(bound.text)")
        }
    }

    private func checkElements(
        _ elements: [JSONValue], _ place: String, _ allowsHTTP: Bool
    ) throws(SettingsMistake) {
        if let least = rules.itemsMin, elements.count < least {
            throw refuse(place, "must have at least \(least) items")
        }
        if let most = rules.itemsMax, elements.count > most { throw refuse(place, "must have at most \(most) items") }
        guard let items = rules.items else { return }
        for (index, element) in elements.enumerated() {
            try items.validate(element, at: "\(place)[\(index)]", allowsHTTP: allowsHTTP)
        }
    }

    private func checkMembers(
        _ object: JSONObject, _ place: String, _ allowsHTTP: Bool
    ) throws(SettingsMistake) {
        let prefix = place.isEmpty ? "" : place + "."
        for name in rules.required where object[name] == nil { throw refuse(prefix + name, "is missing") }
        var seen: Set<[UInt8]> = []
        for (name, value) in object.members {
            // Of two members with one name, the check could see another than the plugin reads.
            guard seen.insert(Array(name.utf8)).inserted else { throw refuse(prefix + shown(name), "appears twice") }
            if let schema = property(name) {
                try schema.validate(value, at: prefix + name, allowsHTTP: allowsHTTP)
                continue
            }
            switch rules.additional {
            case .allowed: break
            case .forbidden: throw refuse(prefix + shown(name), "is not a setting of this component")
            case .schema(let schema): try schema.validate(value, at: prefix + name, allowsHTTP: allowsHTTP)
            }
        }
    }
}

extension SchemaNode.ValueType {
    fileprivate func accepts(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.null, .null), (.boolean, .bool), (.object, .object), (.array, .array), (.number, .number),
            (.string, .string):
            true
        // 1.0 is an integer, too (JSON Schema, core, section 4.2.3).
        case (.integer, .number(let text)): Double(text).map { $0.isFinite && $0 == $0.rounded() } ?? false
        default: false
        }
    }

    fileprivate var words: String {
        switch self {
        case .null: "null"
        case .boolean: "true or false"
        case .object: "an object"
        case .array: "an array"
        case .number: "a number"
        case .string: "a text"
        case .integer: "a whole number"
        }
    }
}

extension JSONValue {
    /// Equality as JSON Schema means it (core, section 4.2.2): numbers by value, members in any order.
    fileprivate func isSame(as other: JSONValue) -> Bool {
        switch (self, other) {
        case (.number(let one), .number(let two)): one == two || Double(one) == Double(two)
        case (.array(let one), .array(let two)):
            one.count == two.count && zip(one, two).allSatisfy { $0.isSame(as: $1) }
        case (.object(let one), .object(let two)):
            one.members.count == two.members.count
                && one.members.allSatisfy { member in two[member.name].map { member.value.isSame(as: $0) } ?? false }
        default: self == other
        }
    }
}
