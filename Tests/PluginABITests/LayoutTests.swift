import Foundation
import PluginAPI
import Testing

/// How Swift sees a struct of the interface.
private struct Layout {
    var name: String
    var size: Int
    var offsets: [String: Int?]

    init<Table>(_ name: String, _ type: Table.Type, _ fields: [String: PartialKeyPath<Table>]) {
        self.name = name
        size = MemoryLayout<Table>.size
        offsets = fields.mapValues { MemoryLayout<Table>.offset(of: $0) }
    }
}

private let layouts = [
    Layout("hks_bytes", hks_bytes.self, ["size": \.size]),
    Layout("hks_header", hks_header.self, ["value": \.value]),
    Layout(
        "hks_call", hks_call.self,
        [
            "attempt_number": \.attempt_number, "deadline_monotonic_ns": \.deadline_monotonic_ns,
            "tenant_id": \.tenant_id, "destination_id": \.destination_id, "event_id": \.event_id,
        ]),
    Layout(
        "hks_sink", hks_sink.self,
        [
            "context": \.context, "size_max": \.size_max, "emit": \.emit, "set_content_type": \.set_content_type,
        ]),
    Layout(
        "hks_host", hks_host.self,
        [
            "abi_minor": \.abi_minor, "context": \.context, "report": \.report, "log": \.log, "wall_ms": \.wall_ms,
            "monotonic_ns": \.monotonic_ns, "random_bytes": \.random_bytes, "store": \.store, "load": \.load,
            "count": \.count, "cancelled": \.cancelled, "get_service": \.get_service,
        ]),
    Layout(
        "hks_component", hks_component.self,
        [
            "flags": \.flags, "name": \.name, "version": \.version, "description": \.description,
            "settings_schema": \.settings_schema, "create": \.create, "destroy": \.destroy, "calls": \.calls,
        ]),
    Layout("hks_kind", hks_kind.self, ["component_count": \.component_count, "components": \.components]),
    Layout(
        "hks_entry", hks_entry.self,
        [
            "magic": \.magic, "struct_size": \.struct_size, "abi_major": \.abi_major, "abi_minor": \.abi_minor,
            "get_kind": \.get_kind,
        ]),
    Layout(
        "hks_request", hks_request.self,
        ["header_count": \.header_count, "method": \.method, "url": \.url, "headers": \.headers, "body": \.body]),
    Layout(
        "hks_fetch_request", hks_fetch_request.self,
        ["header_count": \.header_count, "method": \.method, "url": \.url, "headers": \.headers, "body": \.body]),
    Layout(
        "hks_fetch_response", hks_fetch_response.self,
        [
            "http_status": \.http_status, "reserved": \.reserved, "header_count": \.header_count, "headers": \.headers,
            "body": \.body,
        ]),
    Layout(
        "hks_authentication", hks_authentication.self,
        ["context": \.context, "set_header": \.set_header, "fetch": \.fetch]),
    Layout(
        "hks_authenticator_calls", hks_authenticator_calls.self,
        ["authenticate": \.authenticate, "fetched": \.fetched, "rejected": \.rejected]),
    Layout("hks_transformer_calls", hks_transformer_calls.self, ["apply": \.apply]),
    Layout(
        "hks_failure", hks_failure.self,
        [
            "attempt_number": \.attempt_number, "attempts_max": \.attempts_max, "outcome": \.outcome,
            "http_status": \.http_status, "reserved": \.reserved, "retry_after_ms": \.retry_after_ms,
            "elapsed_ms": \.elapsed_ms, "random": \.random,
        ]),
    Layout("hks_retry_decision", hks_retry_decision.self, ["action": \.action, "delay_ms": \.delay_ms]),
    Layout("hks_retry_policy_calls", hks_retry_policy_calls.self, ["decide": \.decide]),
]

@Suite("The layout of the interface")
struct LayoutTests {
    @Test("Swift sees each struct as layout.c pins it, and layout.c pins all that Swift is asked about")
    func agreesWithC() throws {
        var sizes: [String: Int] = [:]
        var offsets: [String: [String: Int]] = [:]
        let source = try Repository.text("Sources/PluginAPI/layout.c")
        for match in source.matches(of: /(?m)^SIZE\((\w+), (\d+)\);$/) { sizes[String(match.1)] = Int(match.2) }
        for match in source.matches(of: /(?m)^OFFSET\((\w+), (\w+), (\d+)\);$/) {
            offsets[String(match.1), default: [:]][String(match.2)] = Int(match.3)
        }
        #expect(Set(sizes.keys) == Set(layouts.map(\.name)))
        for layout in layouts {
            #expect(layout.size == sizes[layout.name], "\(layout.name)")
            #expect(layout.offsets == offsets[layout.name]?.mapValues(Optional.some), "\(layout.name)")
        }
    }

    @Test("Each struct that the headers define is pinned")
    func pinsAllStructs() throws {
        let folder = Repository.include.appendingPathComponent("hooksentry")
        var defined: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let text = try Repository.text("Sources/PluginAPI/include/hooksentry/\(file)")
            for match in text.matches(of: /typedef struct (\w+) \{/) { defined.insert(String(match.1)) }
        }
        #expect(defined == Set(layouts.map(\.name)))
    }

    @Test("The constants are the published ones")
    func keepsConstants() {
        #expect(HKS_MAGIC == 0x484B_5331)
        #expect(HKS_ABI_MAJOR == 1)
        #expect(HKS_NO_POSITION == UInt64.max)
        let statuses = [HKS_OK, HKS_INVALID_SETTINGS, HKS_RETRYABLE, HKS_PERMANENT, HKS_INTERNAL, HKS_NEED_FETCH]
        #expect(statuses.elementsEqual(0...5))
        let actions = [HKS_AGAIN, HKS_GIVE_UP]
        #expect(actions.elementsEqual(1...2))
        let outcomes = [
            HKS_OUTCOME_OTHER, HKS_OUTCOME_HTTP_STATUS, HKS_OUTCOME_TIMEOUT, HKS_OUTCOME_CONNECT, HKS_OUTCOME_TLS,
            HKS_OUTCOME_DNS, HKS_OUTCOME_PROTOCOL, HKS_OUTCOME_ADDRESS_BLOCKED, HKS_OUTCOME_PLUGIN, HKS_OUTCOME_GONE,
        ]
        #expect(outcomes.elementsEqual(0...9))
        let levels = [
            HKS_LOG_DEBUG, HKS_LOG_INFO, HKS_LOG_WARNING, HKS_LOG_ERROR, HKS_LOG_HOST_MISBEHAVING,
            HKS_LOG_PLUGIN_MISBEHAVING,
        ]
        #expect(levels.elementsEqual(0...5))
        #expect(HKS_KIND_AUTHENTICATOR == "hks.authenticator/1")
        #expect(HKS_KIND_TRANSFORMER == "hks.transformer/1")
        #expect(HKS_KIND_RETRY_POLICY == "hks.retry-policy/1")
    }
}
