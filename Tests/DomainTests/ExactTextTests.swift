import Testing

@testable import Domain

@Suite struct ExactTextTests {
    /// A mebibyte that takes minutes to bring into canonical order.
    private static let marks =
        String(repeating: "\u{0301}", count: 1 << 18) + String(repeating: "\u{0316}", count: 1 << 18)

    @Test(arguments: [
        ("", "", true, true), ("a", "a", true, true), ("a", "A", false, true), ("a", "ab", false, false),
        // Neighbours of the letters differ from one another by the same bit.
        ("[", "{", false, false), ("@", "`", false, false), ("É", "é", false, false),
        // Canonically equivalent, and yet not the same.
        ("\u{212A}ey", "Key", false, false), ("e\u{0301}", "\u{00E9}", false, false), (";", "\u{037E}", false, false),
    ])
    func `texts are the same if their bytes are`(one: String, other: String, isSame: Bool, isSameInAnyCase: Bool) {
        #expect(one.isExactly(other) == isSame)
        #expect(one.isExactlyIgnoringCase(other) == isSameInAnyCase)
        #expect(other.isExactly(one) == isSame)
        #expect(other.isExactlyIgnoringCase(one) == isSameInAnyCase)
    }

    @Test func `both ends are compared by bytes`() {
        #expect("dst_x".beginsExactly(with: "dst_") && "dst_x".endsExactly(with: "_x"))
        #expect("dst_".beginsExactly(with: "dst_") && "dst_".endsExactly(with: "dst_") && "".endsExactly(with: ""))
        #expect(!"dst".beginsExactly(with: "dst_") && !"st_".endsExactly(with: "dst_"))
        // A mark that belongs to the last letter changes nothing about the bytes before it.
        #expect("e\u{0301}".beginsExactly(with: "e") && !"e\u{0301}".endsExactly(with: "\u{00E9}"))
    }

    @Test func `pieces are cut at bytes`() {
        #expect("a,b,,c".pieces(at: ",") == ["a", "b", "", "c"])
        #expect("a b c".pieces(at: " ", most: 1) == ["a", "b c"])
        #expect("".pieces(at: ",") == [""])
        #expect("\u{212A},é".dropFirst().pieces(at: ",") == ["", "é"])
        #expect(" \t a b\t".withoutSpacesAround() == "a b" && "  ".withoutSpacesAround().isEmpty)
    }

    @Test func `a long run of combining marks costs no more than other bytes`() {
        let marks = Self.marks
        #expect(!marks.isExactly("chunked") && !"chunked".isExactlyIgnoringCase(marks))
        #expect(!marks.beginsExactly(with: "/api") && !marks.endsExactly(with: "json"))
        #expect((marks + "," + marks).pieces(at: ",").map(\.utf8.count) == [1 << 20, 1 << 20])
        #expect((" " + marks + " ").withoutSpacesAround().utf8.count == 1 << 20)
        let reversed = String(String.UnicodeScalarView(marks.unicodeScalars.reversed()))
        #expect(!marks.isExactly(reversed) && !marks.isExactlyIgnoringCase(reversed))
    }
}
