import Testing

@testable import Ingest

@Suite struct PurePartsTests {
    @Test func theGateKeepsBothBounds() {
        var gate = AdmissionGate(eventsMax: 2, bytesMax: 100)
        #expect(gate.ask(bytes: 500) == .admitted, "an empty queue takes anything")
        #expect(gate.ask(bytes: 1) == .full)
        gate.release(events: 1, bytes: 500)
        #expect(gate.ask(bytes: 50) == .admitted)
        #expect(gate.ask(bytes: 51) == .full)
        #expect(gate.ask(bytes: 50) == .admitted)
        #expect(gate.ask(bytes: 0) == .full)
    }

    @Test func theGateLetsOneProbeThroughWhileTheStoreIsAway() {
        var gate = AdmissionGate(eventsMax: 10, bytesMax: 100)
        gate.storeIsAway()
        #expect(gate.ask(bytes: 1) == .admitted)
        #expect(gate.ask(bytes: 1) == .away)
        gate.storeIsAway()
        gate.release(events: 1, bytes: 1)
        #expect(gate.ask(bytes: 1) == .admitted)
        gate.storeAnswered()
        #expect(gate.ask(bytes: 1) == .admitted)
        #expect(gate.events == 2)
    }

    @Test(arguments: [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x", false),
        ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
        ("00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g", false),
        ("00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false), ("", false),
    ])
    func traceContextsAreChecked(text: String, isFit: Bool) {
        #expect(IngestRules.isTraceparent(text) == isFit)
    }

    @Test(
        arguments: [
            (nil, IngestRules.defaultContentType), ("", IngestRules.defaultContentType),
            ("application/json", "application/json"),
            ("APPLICATION/JSON ; charset=utf-8", "APPLICATION/JSON ; charset=utf-8"),
            ("application/vnd.a+json", "application/vnd.a+json"),
            ("application/json; x=ü", IngestRules.defaultContentType), ("text/plain", nil), ("application/jsonp", nil),
            ("+json", nil),
        ] as [(String?, String?)])
    func contentTypesAreJudged(header: String?, expected: String?) {
        #expect(IngestRules.contentType(header) == expected)
    }

    @Test func aContentTypeOfCombiningMarksIsJudgedAtOnce() {
        #expect(IngestRules.contentType(combiningMarks) == nil)
        #expect(IngestRules.contentType("application/" + combiningMarks) == nil)
        let odd = "application/json; a=" + combiningMarks
        #expect(IngestRules.contentType(odd) == IngestRules.defaultContentType)
    }

    @Test(arguments: [("a\nb", true), ("a\rb", true), ("a\0b", true), ("a\tb", false), ("ä", false)])
    func controlCharactersAreExactlyThree(text: String, has: Bool) {
        #expect(IngestRules.hasControlCharacters(text) == has)
    }

    @Test func lengthsCountUTF16Units() {
        #expect(IngestRules.complaint(aboutIdempotencyKey: String(repeating: "ä", count: 255)) == nil)
        #expect(IngestRules.complaint(aboutIdempotencyKey: String(repeating: "😀", count: 128)) != nil)
        #expect(IngestRules.complaint(aboutIdempotencyKey: "a\rb") != nil)
    }

    @Test func fastRandomRepeatsNothingSoon() {
        var random = FastRandom()
        #expect(Set((0..<10_000).map { _ in random.next() }).count == 10_000)
        var other = FastRandom()
        #expect(random.next() != other.next())
    }
}
