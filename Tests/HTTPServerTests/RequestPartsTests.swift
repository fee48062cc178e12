import Testing

@testable import HTTPServer

@Suite struct RequestPartsTests {
    @Test func headerFieldsKeepOrderAndAreFoundInAnyCase() {
        var request = HTTPRequest(
            method: "GET", path: "/", query: [("Page", "2")],
            headers: [("X-One", "1"), ("x-two", ""), ("X-ONE", "first wins"), ("Ünï", "ç")])
        #expect(request.header("x-one") == "1")
        #expect(request.header("X-Two") == "")
        #expect(request.header("x-three") == nil)
        #expect(request.headerFields.values("X-one") == ["1", "first wins"])
        #expect(request.headers.map(\.name) == ["X-One", "x-two", "X-ONE", "Ünï"])
        #expect(request.queryValue("page") == "2")
        request.headers = [("A", "b")]
        #expect(request.header("a") == "b" && request.header("x-one") == nil)
    }

    @Test(
        arguments: [
            ([], nil, false, false),
            ([("Content-Length", "12")], 12, false, false),
            ([("content-length", "12"), ("Content-Length", "12")], 12, false, false),
            ([("Content-Length", "12"), ("Content-Length", "13")], 13, false, true),
            ([("Content-Length", "+1")], nil, false, true),
            ([("Content-Length", "99999999999999999999")], nil, false, true),
            ([("Transfer-Encoding", "chunked")], nil, true, false),
            ([("Transfer-Encoding", "chunked"), ("Content-Length", "3")], 3, true, true),
        ] as [([(name: String, value: String)], Int?, Bool, Bool)])
    func framingIsReadFromTheHeaders(
        headers: [(name: String, value: String)], length: Int?, isChunked: Bool, isAmbiguous: Bool
    ) {
        let framing = BodyFraming(HeaderFields(headers))
        #expect(framing.contentLength == length)
        #expect(framing.isChunked == isChunked)
        #expect(framing.isAmbiguous == isAmbiguous)
    }

    private func add(_ count: Int, to collector: BodyCollector) -> BodyCollector.Verdict {
        [UInt8](repeating: 7, count: count).withUnsafeBytes { collector.add($0) }
    }

    @Test func aBodyUpToTheLimitIsKept() {
        let collector = BodyCollector(limit: 10, expected: 10, keeps: true)
        #expect(add(4, to: collector) == .more)
        #expect(add(6, to: collector) == .more)
        #expect(collector.take() == [UInt8](repeating: 7, count: 10))
        #expect(collector.take() == [])
    }

    @Test func aBodyBeyondTheLimitIsReportedOnceAndThenDroppedUpToABound() {
        let collector = BodyCollector(limit: 10, expected: 0, keeps: true)
        #expect(add(10, to: collector) == .more)
        #expect(add(1, to: collector) == .tooLarge)
        #expect(add(BodyCollector.dropBytes, to: collector) == .more)
        #expect(add(1, to: collector) == .enough)
        #expect(collector.take() == [])
    }

    @Test func madeRequestIDsAreDistinctAndFit() {
        let ids = RequestIDs()
        let made = (0..<10_000).map { _ in ids.make() }
        #expect(Set(made).count == made.count)
        #expect(made.allSatisfy { RequestIDs.isFit($0) && $0.utf8.count == 13 })
    }

    @Test(arguments: [
        ("a", true), ("A.b_c-9", true), (String(repeating: "x", count: 64), true), ("", false),
        (String(repeating: "x", count: 65), false), ("a b", false), ("a\"", false), ("ä", false),
    ])
    func requestIDsOfClientsAreCheckedForWhatALogLineTakes(id: String, isFit: Bool) {
        #expect(RequestIDs.isFit(id) == isFit)
    }
}
