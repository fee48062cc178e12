import Testing

@testable import HTTPServer

/// A mebibyte that takes minutes to bring into canonical order.
let combiningMarks =
    String(repeating: "\u{0301}", count: 1 << 18) + String(repeating: "\u{0316}", count: 1 << 18)

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
            ([("transfer-encoding", "CHUNKED")], nil, true, false),
            ([("Transfer-Encoding", "gzip, chunked")], nil, true, true),
            ([("Transfer-Encoding", "identity")], nil, true, true),
            ([("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")], nil, true, true),
            ([("Content-Length", "3"), ("Transfer-Encoding ", "chunked")], 3, false, true),
            ([("Content-Length", "3"), ("X", "a\rb")], 3, false, true),
            ([("Content-Length", "3"), ("", "a")], 3, false, true),
            ([("Host", "a"), ("host", "a")], nil, false, true),
            ([("Transfer-Encoding", "chun\u{212A}ed")], nil, true, true),
        ] as [([(name: String, value: String)], Int?, Bool, Bool)])
    func framingIsReadFromTheHeaders(
        headers: [(name: String, value: String)], length: Int?, isChunked: Bool, isAmbiguous: Bool
    ) {
        let framing = BodyFraming(HeaderFields(headers))
        #expect(framing.contentLength == length)
        #expect(framing.isChunked == isChunked)
        #expect(framing.isAmbiguous == isAmbiguous)
        #expect(BodyFraming(HeaderFields(headers), isHTTP10: true).isAmbiguous == isAmbiguous || isChunked)
    }

    @Test func aCodingOfCombiningMarksIsReadAtOnce() {
        #expect(BodyFraming(HeaderFields([("Transfer-Encoding", combiningMarks)])).isAmbiguous)
    }

    /// As libmicrohttpd leaves it: "_" stands for a NUL that it wrote over a colon or a line end.
    @Test(arguments: [
        ("GET / 1__A_ b__C_d____", ["A", "b", "C", "d"], true), ("GET / 1_A_b_C_d__", ["A", "b", "C", "d"], true),
        ("GET / 1__A_ \t b__C_____", ["A", "b", "C", ""], true), ("GET / 1____", [], true),
        // A NUL in a value, or behind it.
        ("GET / 1__A_b_x__C_d____", ["A", "b", "C", "d"], false),
        ("GET / 1__A_b___C_d____", ["A", "b", "C", "d"], false),
        ("GET / 1__A_b_____", ["A", "b"], false), ("GET / 1__A_b_x____", ["A", "b"], false),
        // A field that was passed over.
        ("GET / 1__A_b__X_y__C_d____", ["A", "b", "C", "d"], false), ("GET / 1__A_b__X_y____", ["A", "b"], false),
        ("GET / 1__A_b__ y__C_d____", ["A", "b", "C", "d"], false),
    ])
    func theFieldsHaveToBeAllThatIsInAHead(head: String, texts: [String], isPassed: Bool) {
        let bytes = head.utf8.map { $0 == UInt8(ascii: "_") ? 0 : $0 }
        bytes.withUnsafeBytes { buffer in
            var check = HeadCheck(buffer)
            var rest = 7
            // Texts are found one after the other, with a mark between them.
            let places = texts.map { text in
                let start = (rest...).first { buffer[$0...].starts(with: text.utf8) }!
                rest = start + text.utf8.count + 1
                return UnsafeRawBufferPointer(rebasing: buffer[start..<start + text.utf8.count])
            }
            for index in stride(from: 0, to: places.count, by: 2) {
                check.pass(name: places[index], value: places[index + 1])
            }
            #expect(check.isPassed == isPassed)
        }
    }

    private func add(_ count: Int, to collector: BodyCollector) -> BodyCollector.Verdict {
        [UInt8](repeating: 7, count: count).withUnsafeBytes { collector.add($0) }
    }

    @Test func aBodyUpToTheLimitIsKept() {
        let collector = BodyCollector(limit: 10, announced: 10, keeps: true, budget: ByteBudget(bytesMax: 100))
        #expect(add(4, to: collector) == .more)
        #expect(!collector.isAsLongAsAnnounced)
        #expect(add(6, to: collector) == .more)
        #expect(collector.isAsLongAsAnnounced)
        #expect(collector.take() == [UInt8](repeating: 7, count: 10))
        #expect(collector.take() == [])
    }

    @Test func aBodyBeyondTheLimitIsReportedOnceAndThenDroppedUpToABound() {
        let collector = BodyCollector(limit: 10, announced: nil, keeps: true, budget: ByteBudget(bytesMax: 1 << 21))
        #expect(add(10, to: collector) == .more)
        #expect(add(1, to: collector) == .tooLarge)
        #expect(add(BodyCollector.dropBytes, to: collector) == .more)
        #expect(add(1, to: collector) == .enough)
        #expect(collector.take() == [])
    }

    @Test func allBodiesTogetherHaveABoundAndGiveTheirRoomBack() {
        let budget = ByteBudget(bytesMax: 10)
        var first: BodyCollector? = BodyCollector(limit: 10, announced: 8, keeps: true, budget: budget)
        let second = BodyCollector(limit: 10, announced: 8, keeps: true, budget: budget)
        #expect(add(8, to: first!) == .more)
        #expect(add(2, to: second) == .more)
        #expect(add(1, to: second) == .noRoom)
        #expect(second.wasRefused && second.take() == [])
        let third = BodyCollector(limit: 10, announced: 2, keeps: true, budget: budget)
        #expect(add(2, to: third) == .more)
        #expect(third.take().count == 2)
        // Its handler has it, and no answer.
        #expect(add(1, to: BodyCollector(limit: 10, announced: 1, keeps: true, budget: budget)) == .noRoom)
        third.release()
        // A client that leaves.
        first = nil
        let last = BodyCollector(limit: 10, announced: 10, keeps: true, budget: budget)
        #expect(add(10, to: last) == .more)
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
