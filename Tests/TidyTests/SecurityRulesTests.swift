import Testing

/// Rules that a single forgotten line would break without a test of its own noticing.
@Suite("Security rules")
struct SecurityRulesTests {
    // MARK: Comparing secrets

    /// Two bytes that differ early must not be told from two that differ late: what is secret, or a hash of it, is
    /// compared by `constantTimeEqual`, or looked up by its SHA-256, which a client cannot steer.
    static func comparesSecret(_ line: Substring) -> Bool {
        let secret = "(?:[A-Za-z]*(?:[sS]ecret|[pP]assword|[dD]igest|[hH]ash|[sS]ignature|[tT]oken|[aA]piKey|[mM]ac))"
        // Counts, literals, absence and kinds (.token) are no secrets.
        let value = "(?!\\s*(?:nil\\b|\\d|\"|\\.|true\\b|false\\b))"
        let left = "\\b\(secret)\\b(?:\\(\\))?\\??\\s*[!=]=\(value)"
        let right = "[!=]=\\s*(?:\\w+\\.)*\(secret)\\b(?![.(])"
        let pattern = try! Regex("\(left)|\(right)").wordBoundaryKind(.simple)
        return !line.contains("//") && line.contains(pattern)
    }

    /// Both sides are the host's own, and no client can try one after the other.
    private static let harmless = [
        // Whether an administrator's change is one of the password.
        "user.passwordHash != before.passwordHash"
    ]

    @Test("Secrets are compared in constant time")
    func secretsAreComparedInConstantTime() {
        let modules = ["Crypto", "ManagementAPI", "Ingest", "HTTPServer", "HookSentry", "PostgresStore"]
        let files = modules.flatMap { Tree.files(below: "Sources/Host/\($0)", extensions: ["swift"]) }
        #expect(files.count > 100)
        let found = SourceTextTests.places(files) { line in
            Self.comparesSecret(line) && !Self.harmless.contains { line.contains($0) }
        }
        #expect(found.isEmpty, "compare these with constantTimeEqual: \(found)")
        let uses = files.filter { $0.lines.contains { $0.contains("constantTimeEqual(") } }.map(\.name)
        // Passwords, access tokens, the operator's token and signatures that are to be checked.
        for name in ["PasswordHasher", "CompactSignature", "AdminRoutes", "WebhookSecretRoutes"] {
            let file = "\(name).swift"
            #expect(uses.contains { $0 == file }, "\(file) compares a secret another way")
        }
    }

    @Test(
        "A comparison of secrets is recognised",
        arguments: [
            ("if given == secret {", true), ("guard key.hash() == expected.hash else {", true),
            ("return stored.passwordHash == other", true), ("if token != row.token {", true),
            ("let isRight = expected == apiKey", true), ("a.signature == b", true),
            ("if secret == nil {", false), ("if token.isEmpty {", false), ("hash.count == 32", false),
            ("if kind == .token {", false), ("hashes == other", false), ("// token == token", false),
        ])
    func comparisonsAreRecognised(line: String, isFound: Bool) {
        #expect(Self.comparesSecret(line[...]) == isFound)
    }

    // MARK: Moving events

    private static let beginnings = ["insertion", "claim"]

    /// The statements in a file that write an event's status without the seam that announces and counts it.
    static func unannounced(in text: String) -> [Substring] {
        let parts = text.split(separator: "\"\"\"", omittingEmptySubsequences: false)
        return parts.indices.filter { $0 % 2 == 1 }.compactMap { index in
            let statement = parts[index]
            // The way in is put together: two beginnings, and an end that has the seam.
            if Self.beginnings.contains(where: { parts[index - 1].hasSuffix("let \($0) = ") }) { return nil }
            // A row that goes into another partition stays what it is.
            let stores = statement.contains(/INSERT INTO events\s*\(/) || statement.contains(#"\(insertion)"#)
            let moves = statement.contains(/UPDATE (?:ONLY )?events\b[\s\S]*?\bSET\b[\s\S]*?\bstatus\s*=/)
            return (stores || moves) && !statement.contains(#"\(EventSeam."#) && !statement.contains(#"\(stored)"#)
                ? statement : nil
        }
    }

    @Test("Whoever writes an event's status announces and counts it")
    func movedEventsAreAnnounced() {
        let files = Tree.files(below: "Sources/Host/PostgresStore", extensions: ["swift"])
        let users = files.filter { $0.lines.contains { $0.contains(#"\(EventSeam."#) } }
        #expect(users.count >= 6, "the statements that move events were not found")
        for file in files where file.name != "EventSeam.swift" {
            let found = Self.unannounced(in: file.lines.joined(separator: "\n"))
            #expect(found.isEmpty, "\(file.path) moves events without EventSeam: \(found)")
            let halves = file.lines.filter { $0.contains(#"\(claim)"#) && !$0.contains(#"\(stored)"#) }
            #expect(halves.isEmpty, "\(file.path) begins to store events and does not end it: \(halves)")
        }
    }

    @Test(
        "A statement without the seam is recognised",
        arguments: [
            ("UPDATE events e SET due_at = now(), status = 0 FROM x", 1),
            ("UPDATE events SET\n    status = CASE WHEN a THEN 1 END", 1),
            ("INSERT INTO events (id, status) SELECT 1", 1),
            ("WITH m AS (UPDATE events e SET status = 6 RETURNING 1),\n\\(EventSeam.changed(in: \"m\"))", 0),
            ("UPDATE events e SET due_at = now()", 0), ("SELECT status FROM events WHERE status = 1", 0),
            ("UPDATE event_counts SET status = 1", 0),
        ])
    func unannouncedStatementsAreRecognised(statement: String, count: Int) {
        let quotes = "\"\"\""
        #expect(Self.unannounced(in: "let sql = \(quotes)\n\(statement)\n\(quotes)").count == count)
    }
}
