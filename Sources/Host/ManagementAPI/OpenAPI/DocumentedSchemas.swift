import Domain
import JSON
import Ports

/// Everything below `#/components/schemas`: the files in `Schemas/`, and what is made from code so that it cannot
/// differ from it.
enum DocumentedSchemas {
    /// Without what depends on the plugins that an installation has loaded (`PluginSchemas`).
    static let all = JSONObject(written.members + enumerations + lists)

    /// The first example of a schema.
    static func example(of name: String) -> JSONValue? { all[name]?.members?["examples"]?.elements?.first }

    private static let written = JSONObject(
        [
            PackageResources.people_json, PackageResources.destinations_json, PackageResources.events_json,
            PackageResources.live_json, PackageResources.plugins_json, PackageResources.operators_json,
        ].flatMap(schemas))

    /// The files are part of this program; one that does not parse is a mistake that the first test sees.
    private static func schemas(in file: [UInt8]) -> [(name: String, value: JSONValue)] {
        let document = try? JSONValue(parsing: file)
        precondition(document?.members != nil, "a file of schemas is not a JSON object")
        return document?.members?.members ?? []
    }

    private static var enumerations: [(name: String, value: JSONValue)] {
        choices("UserRole", UserRole.self)
            + choice("InvitedRoleChoice", UserRole.allCases.filter { $0 != .owner })
            + choice("ChosenDestinationStatusChoice", [DestinationStatus.active, .inactive])
            + choices("UserStatus", UserStatus.self)
            + choices("InviteStatus", InviteStatus.self) + choices("DestinationStatus", DestinationStatus.self)
            + choices("AuthType", OutboundAuthType.self) + choices("EventStatus", EventStatus.self)
            + choices("ReplayStatus", ReplayStatus.self) + choice("ReplayableStatus", ReplayFilter.replayable) + [
                ("BreakerState", names(CircuitBreaker.State.allCases.map(\.name))),
                ("AttemptOutcome", names(OutcomeClass.allCases.map(\.rawValue))),
                ("LibraryState", names(PluginLibraryStatus.State.allCases.map(\.rawValue))),
                ("NotificationType", names(NotificationType.allCases.map(\.rawValue))),
            ]
    }

    /// As it is in answers, and as it may be in requests.
    private static func choices<Choice: NamedNumber>(
        _ name: String, _: Choice.Type
    ) -> [(name: String, value: JSONValue)] {
        [(name, names(Choice.allCases.map(\.name)))] + choice(name + "Choice", Array(Choice.allCases))
    }

    /// What a request may say for one of these.
    static func choice<Choice: NamedNumber>(
        _ name: String, _ choices: [Choice]
    ) -> [(name: String, value: JSONValue)] {
        let numbers = choices.map { String($0.rawValue) }
        let texts = (choices.map { anyCase($0.name) } + numbers).joined(separator: "|")
        return [
            (
                name,
                [
                    "description": "A name, in any case, or its number.",
                    "anyOf": [
                        names(choices.map(\.name)), ["type": "integer", "enum": .array(numbers.map { .number($0) })],
                        ["type": "string", "pattern": .string("^(?:\(texts))$")],
                    ],
                ]
            )
        ]
    }

    /// A regular expression: JSON Schema has no flag for it.
    static func anyCase(_ name: String) -> String {
        name.map { "[\($0.uppercased())\($0.lowercased())]" }.joined()
    }

    private static func names(_ names: [String]) -> JSONValue {
        ["type": "string", "enum": .array(names.map { .string($0) }), "examples": [.string(names.first ?? "")]]
    }

    private static var lists: [(name: String, value: JSONValue)] {
        let items = ["User", "Invite", "APIKey", "Destination", "Sender", "Plugin", "Attempt", "Notification", "Replay"]
        return items.map { item in
            let example = written[item]?.members?["examples"]?.elements?.first ?? .null
            return (
                item + "List",
                [
                    "type": "object", "required": ["total", "items"],
                    "properties": [
                        "total": ["type": "integer", "minimum": 0, "description": "All that match, on every page."],
                        "items": ["type": "array", "items": ["$ref": .string("#/components/schemas/\(item)")]],
                    ],
                    "examples": [["total": 1, "items": [example]]],
                ]
            )
        }
    }
}
