import Testing

@testable import HookSentry

@Suite struct ArgumentsTests {
    @Test func `words come first, options in any order and either form`() throws {
        var arguments = Arguments(["serve", "--roles=api", "--config", "file", "--all"])
        let words = [arguments.word(), arguments.word()]
        #expect(words == ["serve", nil])
        let all = arguments.flag("--all")
        #expect(all)
        let values = try ["--config", "--roles", "--absent"].map { try arguments.value($0, usage: "") }
        #expect(values == ["file", "api", nil])
        let helped = try arguments.finish(usage: "")
        #expect(!helped)
    }

    @Test func `an option without its value is a usage error`() {
        #expect(throws: UsageError.self) {
            var arguments = Arguments(["--config"])
            _ = try arguments.value("--config", usage: "")
        }
    }

    @Test func `what is left over is a usage error`() {
        #expect(throws: UsageError.self) {
            var arguments = Arguments(["--what"])
            _ = try arguments.finish(usage: "")
        }
    }

    @Test(arguments: [
        ["fly"], [], ["serve", "--roles", "pilot"], ["serve", "--roles", ","], ["config"], ["plugin"],
        ["plugin", "check"], ["plugin", "eat"], ["migrate", "now"],
    ])
    func `a command line that makes no sense ends with 2`(arguments: [String]) {
        #expect(Command.run(arguments, environment: [:]) == 2)
    }

    @Test(arguments: [["--help"], ["--version"], ["serve", "--help"], ["plugin", "--help"], ["demo", "-h"]])
    func `a question is answered with 0`(arguments: [String]) {
        #expect(Command.run(arguments, environment: [:]) == 0)
    }

    @Test func `missing settings end with 1`() {
        #expect(Command.run(["config", "check"], environment: [:]) == 1)
        #expect(Command.run(["migrate"], environment: [:]) == 1)
    }
}
