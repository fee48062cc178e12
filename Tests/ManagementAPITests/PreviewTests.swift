import Domain
import Glibc
import HTTPServer
import JSON
import Ports
import Synchronization
import TestSupport
import Testing

@testable import ManagementAPI

@Suite struct PreviewTests {
    private let tenant = TenantID(high: 1, low: 1)

    private func preview(_ catalog: ScriptedCatalog) -> TransformerPreview {
        var limits = Limits()
        limits.pluginCreate = .milliseconds(10)
        limits.pluginCall = .milliseconds(10)
        return TransformerPreview(catalog: catalog, limits: limits)
    }

    private func words(_ answer: TransformerPreview.Answer) -> String {
        switch answer {
        case .made(let output): String(decoding: output.bytes, as: UTF8.self)
        case .failed(let fault, let stage): "\(stage) \(fault.position ?? -1): \(fault.sentence)"
        case .busy: "busy"
        }
    }

    private func run(
        _ preview: TransformerPreview, _ plugin: String, payload: String = "{}", for other: TenantID? = nil
    ) -> String {
        words(preview.run(plugin, settings: Array("{}".utf8), payload: Array(payload.utf8), for: other ?? tenant))
    }

    @Test func `what a transformer makes, or says, is the answer`() {
        let preview = preview(ScriptedCatalog())
        #expect(run(preview, "Echo", payload: #"{"n":1.10}"#) == #"{"n":1.10}"#)
        #expect(run(preview, "BadSettings") == "settings 3: no such field")
        #expect(run(preview, "BadPayload") == "payload 7: not a number")
    }

    @Test func `an isolated transformer that is starting is waited for`() {
        #expect(run(preview(ScriptedCatalog()), "Starting") == "{}")
    }

    @Test func `one that does not return is left behind, and then out of service`() {
        let catalog = ScriptedCatalog()
        defer { catalog.release() }
        let preview = preview(catalog)
        #expect(run(preview, "Hangs").contains("did not return"))
        let spent = ContinuousClock().measure { #expect(run(preview, "Hangs").contains("out of service")) }
        #expect(spent < .milliseconds(900))
        #expect(run(preview, "Echo") == "{}")
    }

    @Test func `those that are stuck count, so that there is an end to it`() {
        let catalog = ScriptedCatalog()
        let preview = preview(catalog)
        for number in 0..<TransformerPreview.atOnceOfTenant {
            #expect(run(preview, "Hangs\(number)").contains("did not return"))
        }
        #expect(run(preview, "Echo") == "busy")
        let others = (2...).lazy.map { TenantID(high: 1, low: $0) }
        for other in others.prefix(TransformerPreview.atOnce - TransformerPreview.atOnceOfTenant) {
            #expect(run(preview, "Echo", for: other) == "{}")
            #expect(run(preview, "Hangs", for: other).contains("did not return"))
        }
        #expect(run(preview, "Echo", for: TenantID(high: 2, low: 1)) == "busy")
        catalog.release()
        #expect(eventually { run(preview, "Echo") == "{}" })
    }

    @Test func `the routes show result and error, and name what is missing`() {
        let harness = Harness()
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant)["id"]!.text!
        let sender = harness.makeSender(tenant, destination: destination)["id"]!.text!
        func send(_ path: String, _ body: String) -> HTTPResponse {
            harness.send("POST", "/api/v1" + path, token: tenant.token, raw: Array(body.utf8))
        }
        let salt = "/plugins/transformers/Salt/preview"
        let made = send(salt, #"{"Settings": {"note":"n","salt":"s"}, "payload": {"n": 1.10 } }"#)
        #expect(made.status == 200 && made.document["result"] == #"{"n": 1.10 }"# && made.document["error"] == .null)
        #expect(made.document["contentType"] == "text/plain")
        let failed = send(salt, #"{"payload": {}}"#)
        #expect(
            failed.text == #"{"result":null,"contentType":null,"error":{"in":"settings","cause":"invalid_settings","#
                + #""message":"note is required","position":null}}"#)
        #expect(send("/plugins/transformers/Fixed/preview", #"{"payload":{}}"#).status == 404)
        #expect(send(salt, "{}").sentence == "payload is required")
        #expect(send(salt, #"{"payload":[]}"#).sentence == "payload must be a JSON object")
        let without = send("/senders/\(sender)/mapping/preview", #"{"payload":{}}"#)
        #expect(without.status == 404 && without.sentence == "the sender has no mapping")
    }

    @Test func `test events are limited, and not for a destination that takes none`() {
        let harness = Harness()
        let tenant = harness.makeTenant()
        let destination = harness.makeDestination(tenant)["id"]!.text!
        func send(_ body: String? = nil) -> HTTPResponse {
            harness.send(
                "POST", "/api/v1/destinations/\(destination)/test", token: tenant.token,
                raw: body.map { Array($0.utf8) })
        }
        let first = send()
        #expect(first.status == 202)
        let id = first.document["eventId"]!.text!
        #expect(first.header("Location") == "/api/v1/events/\(id)")
        let event = harness.send("GET", "/api/v1/events/\(id)", token: tenant.token).document
        #expect(event["test"] == true)
        #expect(event["payload"]?.text?.hasPrefix(#"{"type":"hooksentry.test","test":true"#) == true)
        let own = send(#"{"payload": {"n": 1.10 }}"#).document["eventId"]!.text!
        let shown = harness.send("GET", "/api/v1/events/\(own)", token: tenant.token)
        #expect(shown.document["payload"] == #"{"n": 1.10 }"#)
        #expect(send(#"{"payload":7}"#).sentence == "payload must be a JSON object")
        for _ in 2..<10 { #expect(send().status == 202) }
        let refused = send()
        #expect(refused.status == 429 && refused.header("Retry-After") == "60")
        harness.clock.advance(by: .seconds(61))
        #expect(send().status == 202)

        _ = harness.send(
            "PATCH", "/api/v1/destinations/\(destination)", token: tenant.token, ["status": "inactive"])
        #expect(send().status == 422)
    }
}

/// Transformers that do as their names say.
private final class ScriptedCatalog: PluginCatalog {
    let generation = 1
    let components: [PluginDescription] = []
    let isReleased = Atomic<Bool>(false)
    /// A check of settings has waited for the isolated one.
    let hasStarted = Atomic<Bool>(false)

    /// Lets what hangs return.
    func release() { isReleased.store(true, ordering: .sequentiallyConsistent) }

    func validate(_ kind: PluginKind, plugin: String, settings: [UInt8]) throws(PluginFault) {
        hasStarted.store(true, ordering: .sequentiallyConsistent)
    }

    func redacted(_ kind: PluginKind, plugin: String, settings: [UInt8]) -> [UInt8] { settings }

    func makeTransformer(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any TransformerInstance
    {
        if plugin == "BadSettings" { throw fault("no such field", at: 3) }
        return Scripted(plugin: plugin, catalog: self)
    }

    func makeAuthenticator(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any AuthenticatorInstance
    {
        throw fault("none here", at: 0)
    }

    func makeRetryPolicy(_ plugin: String, settings: [UInt8], storageKey: String) throws(PluginFault)
        -> any RetryPolicyInstance
    {
        throw fault("none here", at: 0)
    }
}

private func fault(_ sentence: String, at position: Int) -> PluginFault {
    PluginFault(component: "Scripted", cause: .permanent, sentence: sentence, position: position)
}

private final class Scripted: TransformerInstance {
    let plugin: String
    let catalog: ScriptedCatalog
    var title: String { "\(plugin) 1.0.0" }

    init(plugin: String, catalog: ScriptedCatalog) {
        self.plugin = plugin
        self.catalog = catalog
    }

    func transform(_ payload: [UInt8], _ context: PluginCallContext) throws(PluginFault) -> TransformedPayload {
        if plugin == "BadPayload" { throw fault("not a number", at: 7) }
        if plugin == "Starting", !catalog.hasStarted.load(ordering: .sequentiallyConsistent) {
            throw PluginFault(component: plugin, cause: .unavailable, sentence: "is being started")
        }
        if plugin.hasPrefix("Hangs") {
            _ = eventually { catalog.isReleased.load(ordering: .sequentiallyConsistent) }
        }
        return TransformedPayload(payload)
    }
}
