import JSON
import MappingProgram

@testable import PluginHost

extension FuzzTarget {
    /// Programs of tenants and what plugins say of themselves. A newline parts the program from its input.
    static let programs = [
        FuzzTarget(name: "mapping") { input in
            let (program, payload) = input.parted
            guard let mapping = try? MappingProgram(parsing: program.span),
                let result = try? mapping.apply(to: payload.span)
            else { return }
            law((try? JSONValue(parsing: result, depthLimit: 128)) != nil, "a mapping made something that is not JSON")
        },
        FuzzTarget(name: "schema") { input in
            let (schema, settings) = input.parted
            guard let compiled = try? SettingsSchema(schema) else { return }
            _ = try? compiled.checked(settings, allowsHTTP: false)
        },
    ]
}
