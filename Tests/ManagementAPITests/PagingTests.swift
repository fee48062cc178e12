import HTTPServer
import JSON
import Ports
import Testing

@testable import ManagementAPI

@Suite struct PagingTests {
    private func page(_ query: [(name: String, value: String)]) throws -> PageQuery {
        let request = HTTPRequest(method: "GET", path: "/", query: query)
        let paging = try Paging(reading: RequestReader(request: request, limits: .init()))
        return try paging.query(sortedBy: ["id", "createdAt"])
    }

    @Test(arguments: [
        ([], 0, 10, "id", true),
        ([("Qt", "25"), ("Pg", "3")], 50, 25, "id", true),
        ([("qt", "0")], 0, 1, "id", true),
        ([("QT", "-7")], 0, 1, "id", true),
        ([("Qt", "100000")], 0, 200, "id", true),
        ([("Pg", "0")], 0, 10, "id", true),
        ([("Pg", "-1")], 0, 10, "id", true),
        ([("Pg", "1001")], 10_000, 10, "id", true),
        ([("Qt", "-99999999999999999999")], 0, 1, "id", true),
        ([("CpOrd", "CREATEDAT")], 0, 10, "createdAt", true),
        ([("TpOrd", "Asc")], 0, 10, "id", false),
        ([("TpOrd", "0")], 0, 10, "id", false),
        ([("TpOrd", "1")], 0, 10, "id", true),
        ([("TpOrd", "desc"), ("CpOrd", "")], 0, 10, "id", true),
    ] as [([(name: String, value: String)], Int, Int, String, Bool)])
    func `Defaults are honoured and quantities are moved into their bounds`(
        query: [(name: String, value: String)], offset: Int, limit: Int, sort: String, descending: Bool
    ) throws {
        let page = try page(query)
        #expect(page.offset == offset)
        #expect(page.limit == limit)
        #expect(page.sort == sort)
        #expect(page.descending == descending)
    }

    @Test(arguments: [
        ("Qt", "ten", "Qt must be an integer"), ("Pg", "1.5", "Pg must be an integer"),
        ("Pg", "-", "Pg must be an integer"),
        ("Pg", "9223372036854775808", "Pg must not skip more than 10000 rows"),
        ("Pg", "1002", "Pg must not skip more than 10000 rows"),
        ("Pg", "9223372036854775807", "Pg must not skip more than 10000 rows"),
        ("TpOrd", "up", "TpOrd must be Asc or Desc"), ("TpOrd", "2", "TpOrd must be Asc or Desc"),
        ("CpOrd", "passwordHash", "CpOrd must be one of id, createdAt"),
    ])
    func `What cannot be read is refused and named`(name: String, value: String, sentence: String) {
        let refusal = #expect(throws: Refusal.self) { try page([(name, value)]) }
        #expect(refusal?.status == 400)
        #expect(refusal?.sentence == sentence)
    }

    @Test(arguments: [
        ("/api/v1/users", ManagementAPI.userSortFields, ["passwordHash", "tenantId"]),
        ("/api/v1/invites", ManagementAPI.inviteSortFields, ["token", "tokenHash"]),
        ("/api/v1/apikeys", ManagementAPI.apiKeySortFields, ["keyHash", "hash", "tenantId"]),
        ("/api/v1/destinations", ManagementAPI.destinationSortFields, ["ingestTokenHash", "credentials"]),
        ("/api/v1/destinations/{destination}/senders", ManagementAPI.senderSortFields, ["hasMapping", "mapping"]),
        ("/api/v1/events", ManagementAPI.eventSortFields, ["payload", "contentType"]),
    ])
    func `A list sorts by every field of its whitelist, both ways, and by no other`(
        path: String, fields: [String], hidden: [String]
    ) {
        let fixture = Fixture()
        let path = path.replacing("{destination}", with: fixture.ids["destination"]!)
        for field in fields {
            for direction in ["Asc", "Desc"] {
                let response = fixture.harness.send(
                    "GET", "\(path)?CpOrd=\(field.uppercased())&TpOrd=\(direction)", token: fixture.tenant.token)
                #expect(response.status == 200, "\(field) \(direction)")
            }
        }
        for field in hidden + ["nonsense"] {
            let response = fixture.harness.send("GET", "\(path)?CpOrd=\(field)", token: fixture.tenant.token)
            #expect(response.status == 400)
            #expect(response.sentence?.hasPrefix("CpOrd must be one of ") == true)
        }
    }

    @Test func `Pages follow one another without overlap and the total counts them all`() {
        let harness = Harness()
        let tenant = harness.makeTenant()
        let names = (1...5).map { "key \($0)" }
        for name in names {
            harness.clock.advance(by: .seconds(1))
            _ = harness.send("POST", "/api/v1/apikeys", token: tenant.token, ["name": .string(name)])
        }
        var seen: [String] = []
        for page in 1...4 {
            let response = harness.send(
                "GET", "/api/v1/apikeys?Qt=2&Pg=\(page)&CpOrd=name&TpOrd=Asc", token: tenant.token)
            #expect(response.document["total"] == 5)
            seen += response.document["items"]!.elements!.map { $0.members!["name"]!.text! }
        }
        #expect(seen == names)
    }
}
