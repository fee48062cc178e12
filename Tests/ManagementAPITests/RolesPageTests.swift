import Domain
import Foundation
import Testing

@testable import ManagementAPI

/// Holds the table of roles that people read against the one that handlers ask.
@Suite struct RolesPageTests {
    private static let page = "docs/operators/roles.md"
    /// From the least to the most, as the page has them.
    private static let columns: [UserRole] = [.viewer, .developer, .admin, .owner]

    private static var lines: [String] {
        DocumentedGroup.all.flatMap(\.routes).compactMap { route in
            guard case .token(let operation) = route.access else { return nil }
            let marks = columns.map { operation.roles.contains($0) ? "yes" : "–" }
            return "| `\(route.method) \(route.documentedPath)` | \(marks.joined(separator: " | ")) |"
        }
    }

    @Test func `the page has every route with its roles, and no other`() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
        let text = try String(contentsOf: root.appendingPathComponent(Self.page), encoding: .utf8)
        let written = text.split(separator: "\n").map { String($0) }
            .filter { $0.hasPrefix("| `") }
        for line in Self.lines where !written.contains(line) {
            Issue.record("\(Self.page) lacks this line:\n\(line)")
        }
        for line in written where !Self.lines.contains(line) {
            Issue.record("\(Self.page) has a line that is not true any more:\n\(line)")
        }
    }
}
