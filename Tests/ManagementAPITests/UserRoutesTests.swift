import Domain
import HTTPServer
import JSON
import Ports
import Testing

@testable import ManagementAPI

@Suite struct UserRoutesTests {
    let harness = Harness()
    let tenant: TestTenant

    init() { tenant = harness.makeTenant() }

    private func add(_ role: UserRole, _ email: String = "dev@x") -> UserRecord {
        let user = harness.makeUser(of: tenant.id, role, email: email)
        harness.pool.inspect { try! $0.createUser(user) }
        return user
    }

    private func patch(_ user: UserID, _ body: JSONValue, token: String? = nil) -> HTTPResponse {
        harness.send("PATCH", "/api/v1/users/\(user)", token: token ?? tenant.token, body)
    }

    @Test func `A new user is a Developer unless told otherwise`() {
        let response = harness.send(
            "POST", "/api/v1/users", token: tenant.token, ["email": " Dev@X ", "password": "p"])
        #expect(response.status == 201)
        let id = response.document["id"]!.text!
        #expect(
            response.text
                == #"{"id":"\#(id)","tenantId":"\#(tenant.id)","email":"dev@x","status":"Active","role":"Developer","#
                + #""createdAt":"2026-08-01T09:00:00.000Z","updatedAt":"2026-08-01T09:00:00.000Z"}"#)
        #expect(response.header("Location") == "/api/v1/users/\(id)")
        #expect(harness.send("GET", "/api/v1/users/\(id)", token: tenant.token).text == response.text)
        let login = harness.send("POST", "/api/v1/auth/login", ["email": "dev@x", "password": "p"])
        #expect(login.status == 200)
        let admin = harness.send(
            "POST", "/api/v1/users", token: tenant.token, ["email": "a@x", "password": "p", "role": 1])
        #expect(admin.document["role"] == "Admin")
    }

    @Test(arguments: [
        (["password": "p"], 400, "email is required"),
        (["email": "nobody", "password": "p"], 400, "email must contain an @"),
        (["email": "a@x"], 400, "password is required and must not be empty"),
        (["email": "a@x", "password": ""], 400, "password is required and must not be empty"),
        (["email": "a@x", "password": "p", "role": 2], 400, "role must be one of Developer, Admin, Owner, Viewer"),
        (["email": "a@x", "password": "p", "role": "King"], 400, "role must be one of Developer, Admin, Owner, Viewer"),
        (["email": "owner@northwind.example", "password": "p"], 409, "email is the email address of another user"),
    ] as [(JSONValue, Int, String)])
    func `Every broken rule of a new user says which`(body: JSONValue, status: Int, sentence: String) {
        let response = harness.send("POST", "/api/v1/users", token: tenant.token, body)
        #expect(response.status == status)
        #expect(response.sentence == sentence)
    }

    @Test(arguments: UserRole.allCases, UserRole.allCases)
    func `A role makes and changes those it governs and nobody else`(role: UserRole, other: UserRole) {
        let governs = role == .owner || role == .admin && [.developer, .viewer].contains(other)
        #expect(role.governs(other) == governs)
        let token = harness.member(of: tenant, role)
        let made = harness.send(
            "POST", "/api/v1/users", token: token, ["email": "a@x", "password": "p", "role": .string(other.name)])
        #expect(made.status == (governs ? 201 : 403))
        let subject = add(other, "b@x")
        #expect(patch(subject.id, ["email": "c@x"], token: token).status == (governs ? 200 : 403))
        let plain = add(.viewer, "d@x")
        let granted = patch(plain.id, ["role": .string(other.name)], token: token)
        #expect(granted.status == (role.governs(.viewer) && governs ? 200 : 403))
        let deleted = harness.send("DELETE", "/api/v1/users/\(subject.id)", token: token)
        #expect(deleted.status == (governs ? 204 : 403))
    }

    @Test(arguments: UserRole.allCases)
    func `Everyone changes his own e-mail and password, and not his own role`(role: UserRole) {
        let user = add(role)
        let token = harness.accessToken(user)
        #expect(patch(user.id, ["email": "me@x", "password": "new"], token: token).document["email"] == "me@x")
        #expect(harness.send("POST", "/api/v1/auth/login", ["email": "me@x", "password": "new"]).status == 200)
        let raised = patch(user.id, ["role": "Owner"], token: token)
        #expect(raised.status == (role == .owner ? 200 : 403))
        #expect(patch(user.id, ["role": .string(role.name)], token: token).status == 200)
    }

    @Test(arguments: [
        (["password": "new"], true), (["email": "new@x"], true), (["status": "Inactive"], true),
        (["role": "Viewer"], true), ([:], false), (["email": "DEV@X"], false),
    ] as [(JSONValue, Bool)])
    func `A change of credentials, role or status ends the user's sessions`(body: JSONValue, ends: Bool) {
        let user = add(.developer)
        let session = harness.send(
            "POST", "/api/v1/auth/login", ["email": "dev@x", "password": .string(Harness.password)]).document
        let access = session["accessToken"]!.text!
        #expect(harness.send("GET", "/api/v1/events", token: access).status == 200)
        #expect(patch(user.id, body).status == 200)
        #expect(harness.send("GET", "/api/v1/events", token: access).status == (ends ? 401 : 200))
        let refreshed = harness.send("POST", "/api/v1/auth/refresh", ["refreshToken": session["refreshToken"]!])
        #expect(refreshed.status == (ends ? 401 : 200))
    }

    @Test func `A change made on an older copy of the user does not undo what others changed meanwhile`() {
        let user = add(.developer)
        harness.pool.inspect { store in
            store.beforeUserUpdate = { store in
                store.users[user.id]?.role = .viewer
                store.beforeUserUpdate = nil
            }
        }
        #expect(patch(user.id, ["email": "renamed@x"]).document["email"] == "renamed@x")
        #expect(harness.pool.inspect { $0.users[user.id]?.role } == .viewer)
        harness.pool.inspect { store in
            store.beforeUserUpdate = { $0.users[user.id]?.passwordHash += "x" }
        }
        let response = patch(user.id, ["email": "again@x"])
        #expect(response.status == 409)
        #expect(response.sentence == "the user is being changed by others at the same time")
    }

    @Test func `A deactivated or deleted user's access token is refused at the next request`() {
        for change in ["PATCH", "DELETE"] {
            let user = add(.developer, "\(change)@x")
            let token = harness.accessToken(user)
            #expect(harness.send("GET", "/api/v1/events", token: token).status == 200)
            let body: [UInt8]? = change == "PATCH" ? Array(#"{"status":1}"#.utf8) : nil
            let response = harness.send(change, "/api/v1/users/\(user.id)", token: tenant.token, raw: body)
            #expect(response.status == (change == "PATCH" ? 200 : 204))
            #expect(harness.send("GET", "/api/v1/events", token: token).status == 401)
        }
    }

    @Test func `The last active Owner stays, whatever is tried`() {
        let path = "/api/v1/users/\(tenant.owner.id)"
        let tries = [
            harness.send("DELETE", path, token: tenant.token), patch(tenant.owner.id, ["role": "Admin"]),
            patch(tenant.owner.id, ["status": "Inactive"]),
        ]
        for response in tries {
            #expect(response.status == 409)
            #expect(response.document["error"] == "last_owner")
            #expect(response.document["message"] == "a tenant must keep at least one active Owner")
        }
        _ = add(.owner)
        #expect(harness.send("DELETE", path, token: tenant.token).status == 204)
    }

    @Test(arguments: [
        (["email": "nobody"], 400, "email must contain an @"),
        (["password": ""], 400, "password is required and must not be empty"),
        (["status": 2], 400, "status must be one of Active, Inactive"),
        (["email": "OWNER@northwind.example"], 409, "email is the email address of another user"),
    ] as [(JSONValue, Int, String)])
    func `Every broken rule of a change says which`(body: JSONValue, status: Int, sentence: String) {
        let response = patch(add(.developer).id, body)
        #expect(response.status == status)
        #expect(response.sentence == sentence)
    }

    @Test func `Users are filtered by role and status`() {
        _ = add(.viewer)
        for (query, total) in [("", 2), ("Role=20", 1), ("role=owner", 1), ("Status=1", 0), ("Status=Active", 2)] {
            let response = harness.send("GET", "/api/v1/users?\(query)", token: tenant.token)
            #expect(response.document["total"]?.integer == total)
            #expect(!response.text.contains("scrypt"))
        }
        #expect(harness.send("GET", "/api/v1/users?Role=boss", token: tenant.token).status == 400)
    }
}
