import HTTPServer
import JSON
import Testing

@testable import ManagementAPI

@Suite struct OpenAPIDocumentTests {
    private let document = OpenAPIDocument.document(TestCatalog().components)
    /// The routes that another module serves.
    private let ingest = ["POST /api/v1/ingest/{tenantId}/{token}", "POST /api/v1/ingest/{tenantId}/{token}/batch"]

    private var operations: [(name: String, operation: JSONObject)] {
        (document.members?["paths"]?.members?.members ?? []).flatMap { path, methods in
            (methods.members?.members ?? []).compactMap { method, operation in
                operation.members.map { ("\(method.uppercased()) \(path)", $0) }
            }
        }
    }

    @Test func `what is served is documented, and what is documented is served`() {
        let served = Harness().api.routes.map { "\($0.method) \($0.pattern.replacing(":uuid", with: ""))" } + ingest
        let documented = Set(operations.map(\.name))
        #expect(Set(served).subtracting(documented).sorted() == [])
        #expect(documented.subtracting(served).sorted() == [])
    }

    @Test func `every operation says what it is, who may call it and what comes back`() {
        #expect(operations.count > 40)
        #expect(Set(operations.compactMap { $0.operation["operationId"]?.text }).count == operations.count)
        for (name, operation) in operations {
            #expect(operation["summary"]?.text?.isEmpty == false, "\(name)")
            #expect(operation["security"]?.elements != nil, "\(name)")
            let answers = operation["responses"]?.members?.members.map(\.name) ?? []
            #expect(answers.contains { $0.hasPrefix("2") }, "\(name)")
        }
    }

    @Test func `every reference leads somewhere`() {
        var missing: Set<String> = []
        collectReferences(document) { reference in
            var place: JSONValue? = document
            for step in reference.dropFirst(2).split(separator: "/") { place = place?.members?[String(step)] }
            if place == nil { missing.insert(reference) }
        }
        #expect(missing.sorted() == [])
    }

    @Test(arguments: ["/openapi.json", "/swagger/v1/swagger.json"])
    func `the document is served to everyone`(path: String) {
        let response = Harness().send("GET", path)
        #expect(response.status == 200)
        #expect(response.document["openapi"] == "3.1.0")
    }

    @Test func `settings of plugins are described by the plugins that are loaded at the time`() throws {
        let served = ServedDocument()
        #expect(!String(decoding: served.bytes([]), as: UTF8.self).contains("Salt"))
        let document = try JSONValue(parsing: served.bytes(TestCatalog().components))
        let schemas = try #require(document.members?["components"]?.members?["schemas"]?.members)
        let transformers = schemas["TransformerUse"]?.members?["anyOf"]?.elements ?? []
        #expect(transformers.map { $0.members?["title"] } == ["Salt", "Plain"])
        let forms = schemas["Authentication"]?.members?["anyOf"]?.elements ?? []
        #expect(
            forms.map { $0.members?["title"]?.text } == [nil, "ApiKey", "BearerToken", "JwtBearer", "BasicAuth"])
    }

    private func collectReferences(_ value: JSONValue, _ take: (String) -> Void) {
        for (name, member) in value.members?.members ?? [] {
            if name == "$ref", let reference = member.text { take(reference) } else { collectReferences(member, take) }
        }
        for element in value.elements ?? [] { collectReferences(element, take) }
    }
}
