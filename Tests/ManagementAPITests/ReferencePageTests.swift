import Crypto
import JSON
import Testing

@testable import ManagementAPI

@Suite struct ReferencePageTests {
    private let response = Harness().send("GET", "/docs")
    private var page: String { String(decoding: response.body, as: UTF8.self) }
    private var policy: String {
        response.headers.first { $0.name == "Content-Security-Policy" }?.value ?? ""
    }

    @Test func `the page is served to everyone`() {
        #expect(response.status == 200)
        #expect(response.headers.contains { $0 == ("Content-Type", "text/html; charset=utf-8") })
    }

    @Test func `its policy admits its own script and style and nothing else`() throws {
        let tags = [("<script type=\"module\">", "</script>", "script-src"), ("<style>", "</style>", "style-src")]
        for (open, close, directive) in tags {
            let parts = page.split(separator: open)
            try #require(parts.count == 2, "one \(open)")
            let content = String(parts[1].split(separator: close)[0])
            let digest = Base64.encode(SHA256.hash(Array(content.utf8)))
            #expect(policy.contains("\(directive) 'sha256-\(digest)';"))
        }
        #expect(policy.hasPrefix("default-src 'none'; "))
        #expect(!policy.contains("unsafe"))
    }

    @Test func `it loads nothing from elsewhere and has no handlers or styles in attributes`() {
        for text in ["http://", "https://", "src=\"", "url(", "@import", " onclick=", " style=", "innerHTML"] {
            #expect(!page.contains(text), "\(text)")
        }
    }

    @Test func `the document offers what the page asks of it`() {
        let document = OpenAPIDocument.document(TestCatalog().components)
        let fields = document.members?["x-samples"]?.members?["values"]?.members?.members.map(\.name) ?? []
        #expect(fields == SampleValue.allCases.map(\.rawValue))
        for field in fields { #expect(page.contains("id=\"\(field)\""), "a field for \(field)") }
        let names = document.members?["tags"]?.elements?.compactMap { $0.members?["name"]?.text } ?? []
        #expect(names == DocumentedGroup.all.map(\.name))
    }
}
