import Domain
import Foundation
import Testing

@testable import Config

@Suite struct ShippedFileTests {
    private let path = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("config/hooksentry.json").path

    private func shippedNode() throws -> ConfigurationNode {
        try ConfigurationNode(json5: [UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
    }

    @Test func `the shipped file has every setting, in the order of the code, at its default`() throws {
        guard case .object(let members) = try shippedNode().content else {
            Issue.record("not an object")
            return
        }
        var found: [String] = []
        let defaults = HostConfiguration()
        for (name, node) in members {
            let inner: [(name: String, node: ConfigurationNode)]
            if case .object(let group) = node.content {
                inner = group.map { ("\(name).\($0.name)", $0.node) }
            } else {
                inner = [(name, node)]
            }
            for (name, node) in inner {
                found.append(name)
                let setting = try #require(Setting.all.first { $0.name == name }, "\(name) is not a setting")
                #expect(node.settingValue == setting.current(defaults), "\(name)")
            }
        }
        #expect(found == Setting.all.map(\.name))
    }

    @Test func `the shipped file loads and changes nothing`() throws {
        let shipped = try HostConfiguration.load(file: path, environment: requiredEnvironment)
        #expect(try shipped == HostConfiguration.load(file: nil, environment: requiredEnvironment))
    }

    @Test func `every setting of the shipped file is explained`() throws {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .map { $0.trimmingCharacters(in: .whitespaces) }
        for (index, line) in lines.enumerated() where line.wholeMatch(of: /[a-z_]+: [^{]+,/) != nil {
            #expect(lines[index - 1].hasPrefix("// "), "\(line)")
        }
    }

    @Test func `every default obeys its own rule`() {
        for setting in Setting.all {
            var configuration = HostConfiguration()
            #expect(setting.apply(&configuration, setting.current(configuration)), "\(setting.name)")
            #expect(configuration == HostConfiguration())
        }
    }

    @Test func `every limit has a setting that changes it alone`() throws {
        let fields = Mirror(reflecting: Limits()).children.count
        let settings = Setting.all.filter { $0.name.hasPrefix("limits.") }
        #expect(settings.count == fields)
        for setting in settings {
            guard case .integer(let number) = setting.current(HostConfiguration()) else {
                Issue.record("\(setting.name) is no number")
                continue
            }
            var configuration = HostConfiguration()
            #expect(setting.apply(&configuration, .integer(number + 1)), "\(setting.name)")
            let changed = zip(Mirror(reflecting: configuration.limits).children, Mirror(reflecting: Limits()).children)
                .filter { "\($0.value)" != "\($1.value)" }
            #expect(changed.count == 1, "\(setting.name)")
            // `responseBodyKept` and `response_body_kept_bytes`: the unit may be added behind the field's name.
            let field = try #require(changed.first?.0.label)
            let snake = String(field.flatMap { $0.isUppercase ? "_" + $0.lowercased() : String($0) })
            #expect(setting.name.hasPrefix("limits.\(snake)"))
        }
    }

    @Test func `names are unique, and so are those of the environment`() {
        #expect(Set(Setting.all.map(\.name)).count == Setting.all.count)
        #expect(Set(Setting.all.map(\.environmentName)).count == Setting.all.count)
    }
}
