import PluginAPI
import Testing

@Suite("Mapping behind the plugin interface")
struct MappingPluginTests {
    private func make(_ settings: String) throws -> TestInstance {
        try TestPlugin("Mapping", kind: HKS_KIND_TRANSFORMER).makeInstance(settings)
    }

    @Test("The settings are the mapping, applied as often as wanted")
    func maps() throws {
        let mapping = try make(#"{"id":"order:id","total":"net+tax"}"#)
        for round in 1...3 {
            let payload = #"{"order":{"id":"\u00e9\#(round)"},"net":1.10,"tax":\#(round)}"#
            #expect(try mapping.apply(payload) == #"{"id":"\u00e9\#(round)","total":\#(round + 1).1}"#)
        }
    }

    @Test("A payload that is no JSON fails for good, with the place of the mistake")
    func refusesPayloads() throws {
        let failure = try #require(throws: CallFailure.self) { try make(#"{"a":"x"}"#).apply(#"{"x":1,}"#) }
        #expect(failure.status == HKS_PERMANENT)
        #expect(failure.position == 7)
        #expect(!failure.sentence.isEmpty)
    }

    @Test("A result that is larger than the host takes is not emitted")
    func boundsResults() throws {
        let mapping = try make(#"{"a":"x"}"#)
        #expect(try mapping.apply(#"{"x":1}"#, sizeMax: 7) == #"{"a":1}"#)
        let failure = try #require(throws: CallFailure.self) { try mapping.apply(#"{"x":12}"#, sizeMax: 7) }
        #expect(failure.status == HKS_PERMANENT)
    }

    @Test("Settings that are no JSON object are refused with the place of the mistake")
    func refusesSettings() throws {
        let failure = try #require(throws: CallFailure.self) { try make(#"{"a":"x" "b":"y"}"#) }
        #expect(failure.status == HKS_INVALID_SETTINGS)
        #expect(failure.position == 9)
    }
}
