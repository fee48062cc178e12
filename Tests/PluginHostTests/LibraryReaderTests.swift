import PluginAPI
import Testing

@testable import PluginHost

@Suite("What a library says about itself")
struct LibraryReaderTests {
    @Test("A library that breaks a rule is refused, and the reason names the rule", arguments: [
        ("null_entry", "says that it is not for this host"),
        ("unresolved_symbol", "undefined symbol: function_that_does_not_exist"),
        ("wrong_magic", "its entry begins with 0x12345678"),
        ("future_major", "was built for version 2 of the plugin interface; this host speaks 1"),
        ("short_entry", "has an entry of 16 bytes, where 24 are needed"),
        ("null_get_kind", "has no get_kind function"),
        ("no_kind", "offers no component of a kind that this host knows"),
        ("knows_every_kind", "answers for the kind hks.unknown/1"),
        ("short_kind", "has a table of the kind transformer that is too short"),
        ("no_components", "offers 0 components of the kind transformer"),
        ("too_many_components", "offers 65 components of the kind transformer"),
        ("null_components", "has no components behind its kind transformer"),
        ("null_component", "has null as its transformer number 2"),
        ("duplicate_name", "offers the transformer Fault.duplicate-name twice"),
        ("short_component", "describes its transformer number 1 in fewer bytes than version 1.0 has"),
        ("bad_name", "gives its transformer number 1 a name that is not a letter followed by"),
        ("bad_version", "has a version of Fault.bad-version that is empty, over 40 bytes, or not one line of UTF-8"),
        ("long_description", "has a description of Fault.long-description that is empty, over 300 bytes"),
        ("flags_set", "sets flags on Fault.flags-set"),
        ("bad_schema", "its settings schema is not JSON"),
        ("unknown_schema_keyword", "its settings schema uses \"minProperties\" at #"),
        ("schema_not_object", "its settings schema does not describe an object"),
        ("missing_create", "has no create function for Fault.missing-create"),
        ("missing_destroy", "has no destroy function for Fault.missing-destroy"),
        ("missing_calls", "has no calls table for Fault.missing-calls"),
        ("short_calls", "has a calls table for Fault.short-calls that is shorter than in version 1.0"),
        ("missing_call", "has no apply function for Fault.missing-call"),
    ])
    func refusal(fault: String, reason: String) throws {
        let registry = try makeRegistry(fault)
        #expect(registry.components.isEmpty)
        try #require(registry.refusals.count == 1)
        #expect(registry.refusals[0].reason.contains(reason), "\(registry.refusals[0].reason)")
        #expect(registry.refusals[0].library.hasSuffix("lib\(fault).so"))
    }

    @Test("The host has the header's constants")
    func constants() {
        #expect(Interface.magic == HKS_MAGIC && Interface.major == HKS_ABI_MAJOR && Interface.minor == HKS_ABI_MINOR)
    }

    @Test("A library of a later minor version loads and works")
    func laterMinor() throws {
        let registry = try makeRegistry("future_minor")
        #expect(registry.refusals == [])
        let instance = try registry.makeTransformer("Fault.future-minor", settings: Array("{}".utf8), storageKey: "k")
        #expect(try instance.apply([1, 2, 3], .init()) == [1, 2, 3])
        #expect(instance.title == "Fault.future-minor 1.0.0")
    }

    @Test("A library without the entry function is passed over, not refused")
    func noEntry() throws {
        let registry = try makeRegistry("no_entry")
        #expect(registry.refusals == [])
        #expect(registry.skipped.map(\.reason) == ["has no hks_plugin_entry: not a plugin"])
    }

    @Test("Of two libraries that offer one name, the first in order keeps it")
    func firstKeepsName() throws {
        let directory = try TemporaryDirectory()
        try directory.add(fault: "late", as: "liba.so")
        try directory.add(fault: "late", as: "libb.so")
        let registry = PluginRegistry(directories: [directory.path])
        registry.load()
        #expect(registry.components.map(\.library) == ["\(directory.path)/liba.so"])
        #expect(registry.refusals.map(\.reason) == [
            "offers the transformer Fault.late, which \(directory.path)/liba.so has already"
        ])
    }

    @Test("Loading again finds what is new and keeps what is there")
    func loadAgain() throws {
        let directory = try TemporaryDirectory()
        try directory.add(fault: "late")
        let registry = PluginRegistry(directories: [directory.path, directory.path])
        registry.load()
        try directory.add(fault: "hangs")
        registry.load()
        #expect(registry.components.map(\.name) == ["Fault.late", "Fault.hangs"])
        #expect(registry.refusals == [])
    }

    @Test("A component is described with its library's path, digest and schema")
    func description() throws {
        let registry = try makeRegistry("echoes_secret")
        let component = try #require(registry.components.first)
        #expect(component.kind == .transformer)
        #expect(component.version == "1.0.0")
        #expect(component.digest.count == 64)
        #expect(String(decoding: component.settingsSchema, as: UTF8.self).contains("writeOnly"))
    }
}
