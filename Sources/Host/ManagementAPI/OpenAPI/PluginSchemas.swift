import Domain
import JSON
import Ports

/// The schemas of what a destination can be given of plugins, made from the components that are loaded here: their
/// names, and their settings by their own schemas.
struct PluginSchemas {
    let components: [PluginDescription]

    var all: [(name: String, value: JSONValue)] {
        [
            ("AuthenticatorUse", use(.authenticator)), ("TransformerUse", use(.transformer)),
            ("RetryPolicyUse", use(.retryPolicy)), ("Authentication", authentication),
        ]
    }

    /// `{"plugin": ..., "settings": ...}` for one of the kind's components.
    private func use(_ kind: PluginKind) -> JSONValue {
        [
            "type": "object", "required": ["plugin"],
            "description": .string("One of the \(kind.name) plugins that this installation has loaded."),
            "anyOf": .array(
                components.filter { $0.kind == kind }.map { component in
                    let settings = schema(of: component)
                    let isNeeded = settings.members?["required"]?.elements?.isEmpty == false
                    return [
                        "title": .string(component.name), "description": .string(component.description),
                        "required": isNeeded ? ["plugin", "settings"] : ["plugin"],
                        "properties": [
                            "plugin": ["const": .string(component.name)],
                            "settings": isNeeded ? settings : ["anyOf": [settings, ["type": "null"]]],
                        ],
                    ]
                }),
        ]
    }

    /// The short form, `authType` with `credentials`, or the long one, or neither.
    private var authentication: JSONValue {
        let short = OutboundAuthType.allCases.compactMap { type -> JSONValue? in
            guard let component = components.first(where: { $0.kind == .authenticator && $0.name == type.name }) else {
                return nil
            }
            return [
                "title": .string(type.name), "required": ["authType", "credentials"],
                "properties": [
                    "authType": DocumentedSchemas.choice("", [type])[0].value, "credentials": schema(of: component),
                    "authenticator": ["type": "null"],
                ],
            ]
        }
        let long: JSONValue = ["properties": ["authType": ["type": "null"], "credentials": ["type": "null"]]]
        return [
            "type": "object",
            "properties": [
                "authType": [
                    "anyOf": [["$ref": "#/components/schemas/AuthTypeChoice"], ["type": "null"]],
                    "description": "Short form of authenticator; goes with credentials.",
                ],
                "credentials": [
                    "type": ["object", "null"], "description": "The authType's settings; they are never shown again.",
                ],
                "authenticator": [
                    "anyOf": [["$ref": "#/components/schemas/AuthenticatorUse"], ["type": "null"]],
                    "description": "Instead of authType and credentials.",
                ],
            ],
            "anyOf": .array([long] + short),
        ]
    }

    /// The settings' own schema, as a part of ours.
    private func schema(of component: PluginDescription) -> JSONValue {
        guard let members = (try? JSONValue(parsing: component.settingsSchema))?.members else {
            return ["type": "object"]
        }
        return .object(JSONObject(members.members.filter { $0.name != "$schema" }))
    }
}
