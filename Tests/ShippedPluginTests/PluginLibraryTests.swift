import Foundation
import JSON
import PluginAPI
import Testing

/// All that the build makes, with the kind of each.
private let libraries =
    ["ApiKey", "BearerToken", "BasicAuth", "JwtBearer", "OAuth2", "SignedJwt", "Hmac", "AwsSigV4", "HttpSignature",
     "TemplateSwift"]
    .map { ($0, HKS_KIND_AUTHENTICATOR) }
    + ["Mapping", "Template", "JsonPatch", "Redact"].map { ($0, HKS_KIND_TRANSFORMER) }
    + ["Schedule", "Exponential", "Fixed", "TemplateC"].map { ($0, HKS_KIND_RETRY_POLICY) }

@Suite("The plugin libraries")
struct PluginLibraryTests {
    @Test("Each library describes its component within the limits of the interface", arguments: libraries)
    func describes(name: String, kind: String) throws {
        let component = try TestPlugin(name, kind: kind).component.pointee
        #expect(component.struct_size == UInt32(MemoryLayout<hks_component>.size))
        #expect(component.flags == 0)
        #expect(String(component.version) == "1.0.0")
        #expect((1...300).contains(component.description.size))
        #expect(String(component.description).hasSuffix("."))
        #expect(component.create != nil)
        #expect(component.destroy != nil)
        #expect(component.calls != nil)
        let schema = try JSONValue(parsing: [UInt8](component.settings_schema))
        #expect(schema.members?["type"] == "object")
    }

    @Test("A library answers no other kind and gives the same answer twice", arguments: libraries)
    func answersItsKindOnly(name: String, kind: String) throws {
        #expect(try TestPlugin(name, kind: kind).component == TestPlugin(name, kind: kind).component)
        for other in [HKS_KIND_AUTHENTICATOR, HKS_KIND_TRANSFORMER, HKS_KIND_RETRY_POLICY, "hks.draft/0"]
        where other != kind {
            #expect(throws: TestFailure.self) { try TestPlugin(name, kind: other) }
        }
    }

    @Test("A library exports its entry and nothing else", arguments: libraries.map(\.0))
    func exportsEntryOnly(name: String) throws {
        let path = TestPlugin.folder.appendingPathComponent("lib\(name).so").path
        // Upper-case letters mark symbols that other libraries can bind to.
        let exported = try run("nm", ["-D", "--defined-only", path])
            .split(separator: "\n").map { $0.split(separator: " ") }.filter { $0[1] == $0[1].uppercased() }.map {
                $0[2]
            }
        #expect(exported == ["hks_plugin_entry"])
    }

    @Test("Libraries that each carry the kit work side by side, on many threads at once")
    func worksInParallel() throws {
        let plugins = try libraries.map { try TestPlugin($0, kind: $1) }
        #expect(Set(plugins.map(\.component)).count == libraries.count)
        let results = ThreadResults()
        DispatchQueue.concurrentPerform(iterations: 8) { worker in
            for round in 0..<200 { results.add(Result { try Self.useThree(worker * 1_000 + round) }) }
        }
        #expect(results.failures.isEmpty)
        #expect(results.count == 1_600)
    }

    /// One round with a library of each kind, on instances of its own.
    private static func useThree(_ number: Int) throws {
        let token = try TestPlugin("BearerToken", kind: HKS_KIND_AUTHENTICATOR).makeInstance(
            #"{"token":"t\#(number)"}"#)
        let mapping = try TestPlugin("Mapping", kind: HKS_KIND_TRANSFORMER).makeInstance(#"{"n":"a+b"}"#)
        let fixed = try TestPlugin("Fixed", kind: HKS_KIND_RETRY_POLICY).makeInstance(#"{"delaySeconds":\#(number)}"#)
        guard try token.authenticate().headers == ["Authorization: Bearer t\(number)"],
            try mapping.apply(#"{"a":\#(number),"b":"x"}"#) == #"{"n":"\#(number)x"}"#,
            try fixed.decide() == Int64(number) * 1_000
        else { throw TestFailure(description: "wrong answer in round \(number)") }
    }

    private func run(_ program: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw TestFailure(description: "\(program) failed") }
        return text
    }
}

private final class ThreadResults: @unchecked Sendable {
    private let lock = NSLock()
    private var all: [Result<Void, any Error>] = []

    func add(_ result: Result<Void, any Error>) { lock.withLock { all.append(result) } }
    var count: Int { lock.withLock { all.count } }
    var failures: [String] {
        lock.withLock { all.compactMap { if case .failure(let error) = $0 { String(describing: error) } else { nil } } }
    }
}
