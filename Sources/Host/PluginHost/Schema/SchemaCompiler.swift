import JSON

/// Turns the JSON Schema of a component into a `SchemaNode`. It refuses what it does not know: a rule that is
/// skipped in silence would be worse than a library that does not load.
struct SchemaCompiler {
    private static let depthMax = 16

    /// bytes: the schema's text. The root must describe an object.
    static func compile(_ bytes: [UInt8]) throws(Refused) -> SchemaNode {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw Refused("its settings schema is not JSON: \(error.sentence) (at byte \(error.offset))")
        }
        let root = try SchemaCompiler().node(value, at: "#", depth: 0)
        guard root.rules.types == [.object] else { throw Refused("its settings schema does not describe an object") }
        return root
    }

    private func node(_ value: JSONValue, at place: String, depth: Int) throws(Refused) -> SchemaNode {
        guard depth < Self.depthMax else { throw Refused("its settings schema is nested deeper than \(Self.depthMax)") }
        guard case .object(let object) = value else { throw Refused("its settings schema has no object at \(place)") }
        var rules = SchemaNode.Rules()
        for (keyword, value) in object.members {
            let known = try read(keyword, value, into: &rules, at: "\(place)/\(keyword)", depth: depth)
            guard known else {
                throw Refused("its settings schema uses \"\(keyword)\" at \(place), which this host does not know")
            }
        }
        return SchemaNode(rules)
    }

    /// False for a keyword that is not one of entry.h's.
    private func read(
        _ keyword: String, _ value: JSONValue, into rules: inout SchemaNode.Rules, at place: String, depth: Int
    ) throws(Refused) -> Bool {
        switch keyword {
        case "title", "description", "$schema", "$id", "$comment": break
        case "default": rules.defaultValue = value
        case "examples": rules.examples = try need(value.elements, "an array", place)
        case "writeOnly": rules.isSecret = try need(value.boolean, "true or false", place)
        case "type": rules.types = try types(value, place)
        case "enum": rules.allowed = try need(value.elements, "an array", place)
        case "const": rules.constant = value
        case "required": rules.required = try texts(value, place)
        case "minItems": rules.itemsMin = try count(value, place)
        case "maxItems": rules.itemsMax = try count(value, place)
        case "minLength": rules.lengthMin = try count(value, place)
        case "maxLength": rules.lengthMax = try count(value, place)
        case "minimum": rules.minimum = try number(value, place)
        case "maximum": rules.maximum = try number(value, place)
        case "exclusiveMinimum": rules.exclusiveMinimum = try number(value, place)
        case "exclusiveMaximum": rules.exclusiveMaximum = try number(value, place)
        case "format":
            rules.format = try need(value.text.flatMap(SchemaNode.Format.init), "uri or https-uri", place)
        case "pattern":
            rules.pattern = try need(value.text.flatMap(SettingsPattern.init), "a regular expression", place)
        case "items": rules.items = try node(value, at: place, depth: depth + 1)
        case "properties":
            for (name, schema) in try need(value.members, "an object", place).members {
                rules.properties.append((name, try node(schema, at: "\(place)/\(name)", depth: depth + 1)))
            }
        case "additionalProperties":
            switch value {
            case .bool(let isAllowed): rules.additional = isAllowed ? .allowed : .forbidden
            default: rules.additional = .schema(try node(value, at: place, depth: depth + 1))
            }
        default: return false
        }
        return true
    }

    private func need<Value>(_ value: Value?, _ wanted: String, _ place: String) throws(Refused) -> Value {
        guard let value else { throw Refused("its settings schema needs \(wanted) at \(place)") }
        return value
    }

    private func count(_ value: JSONValue, _ place: String) throws(Refused) -> Int {
        guard let count = value.integer, count >= 0 else { return try need(nil, "a count", place) }
        return count
    }

    private func number(_ value: JSONValue, _ place: String) throws(Refused) -> SchemaNode.Number {
        guard case .number(let text) = value, let number = Double(text) else { return try need(nil, "a number", place) }
        return SchemaNode.Number(text: text, value: number)
    }

    private func texts(_ value: JSONValue, _ place: String) throws(Refused) -> [String] {
        var texts: [String] = []
        for element in try need(value.elements, "an array", place) {
            texts.append(try need(element.text, "texts", place))
        }
        return texts
    }

    private func types(_ value: JSONValue, _ place: String) throws(Refused) -> [SchemaNode.ValueType] {
        let names: [String] = if let name = value.text { [name] } else { try texts(value, place) }
        var types: [SchemaNode.ValueType] = []
        for name in names {
            types.append(try need(SchemaNode.ValueType(rawValue: name), "a type of JSON Schema", place))
        }
        return types
    }
}
