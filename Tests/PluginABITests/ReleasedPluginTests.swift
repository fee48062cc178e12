import Foundation
import PluginAPI
import Testing

private final class Record {
    var sentence: String?
    var headers: [String] = []
    var emitted: [[UInt8]] = []
    var contentTypes: [String] = []

    static func of(_ context: UnsafeMutableRawPointer?) -> Record {
        Unmanaged<Record>.fromOpaque(context!).takeUnretainedValue()
    }
}

private func text(_ bytes: hks_bytes) -> String {
    String(decoding: UnsafeBufferPointer(start: bytes.data, count: Int(bytes.size)), as: UTF8.self)
}

private func withBytes<Result>(_ text: String, _ body: (hks_bytes) throws -> Result) rethrows -> Result {
    var text = text
    return try text.withUTF8 { try body(hks_bytes(data: $0.baseAddress, size: UInt64($0.count))) }
}

/// A plugin built against the declarations of an earlier version, at work under today's.
@Suite("Plugins built against released versions", .serialized)
final class ReleasedPluginTests {
    private let record = Record()
    private let host = UnsafeMutablePointer<hks_host>.allocate(capacity: 1)

    init() {
        host.initialize(
            to: hks_host(
                struct_size: UInt32(MemoryLayout<hks_host>.size), abi_minor: HKS_ABI_MINOR,
                context: Unmanaged.passUnretained(record).toOpaque(),
                report: { host, sentence, _ in Record.of(host!.pointee.context).sentence = text(sentence) },
                log: { _, _, _ in }, wall_ms: { _ in 1_000_000 }, monotonic_ns: { _ in 0 },
                random_bytes: { _, _, _ in Int32(HKS_INTERNAL) }, store: { _, _, _, _ in Int32(HKS_PERMANENT) },
                load: { _, _, _ in Int32(HKS_RETRYABLE) }, count: { _, _, _ in }, cancelled: { _ in 0 },
                get_service: { _, _ in nil }))
    }

    deinit { host.deallocate() }

    /// Every version that was released; the folder's name is the version's.
    static let versions = ["1.0", "1.1"]

    @Test("A plugin of each released version loads and does its work", arguments: versions)
    func works(version: String) throws {
        let entry = try load(version)
        #expect(entry.pointee.magic == HKS_MAGIC)
        #expect(entry.pointee.abi_major == HKS_ABI_MAJOR)
        #expect("\(entry.pointee.abi_major).\(entry.pointee.abi_minor)" == version)
        #expect(entry.pointee.get_kind("hks.unheard-of/1") == nil)
        try withInstance(of: entry, HKS_KIND_AUTHENTICATOR, authenticate)
        for sinkSize in [MemoryLayout<hks_sink>.size, Self.sinkSizeBefore1_1] {
            try withInstance(of: entry, HKS_KIND_TRANSFORMER) { transform($0, $1, $2, sinkSize: sinkSize) }
            #expect(record.contentTypes.isEmpty == (version == "1.0" || sinkSize == Self.sinkSizeBefore1_1))
        }
        try withInstance(of: entry, HKS_KIND_RETRY_POLICY, decide)
    }

    @Test("Every released version has its folder here")
    func coversVersions() throws {
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: Repository.root.appendingPathComponent("Tests/PluginABITests/Released").path)
        #expect(folders.sorted() == Self.versions)
        #expect(Self.versions.contains("\(HKS_ABI_MAJOR).\(HKS_ABI_MINOR)"))
    }

    /// Compiles and loads; the file can go once it is loaded.
    private func load(_ version: String) throws -> UnsafePointer<hks_entry> {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let library = folder.appendingPathComponent("libReleased.so").path
        let source = Repository.root.appendingPathComponent("Tests/PluginABITests/Released/\(version)/plugin.c").path
        let complaints = try Repository.complaints(
            of: "cc", ["-std=c11", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", source, "-o", library])
        try #require(complaints.isEmpty)
        let handle = try #require(dlopen(library, RTLD_NOW | RTLD_LOCAL))
        let symbol = try #require(dlsym(handle, "hks_plugin_entry"))
        let function = unsafeBitCast(symbol, to: (@convention(c) (UInt32) -> UnsafePointer<hks_entry>?).self)
        return try #require(function(HKS_ABI_MAJOR))
    }

    private func withInstance(
        of entry: UnsafePointer<hks_entry>, _ kindID: String,
        _ body: (OpaquePointer, UnsafeRawPointer, UnsafePointer<hks_call>) throws -> Void
    ) throws {
        let kind = try #require(entry.pointee.get_kind(kindID)).pointee
        #expect(kind.component_count == 1)
        let component = try #require(kind.components[0]).pointee
        #expect(text(component.name) == "Released")
        #expect(text(component.settings_schema) == #"{"type":"object"}"#)
        var instance: OpaquePointer?
        #expect(withBytes("[]") { component.create(host, $0, &instance) } == HKS_INVALID_SETTINGS)
        #expect(record.sentence == "The settings are not an object.")
        #expect(withBytes("{}") { component.create(host, $0, &instance) } == HKS_OK)
        let made = try #require(instance)
        defer { component.destroy(made) }
        try withBytes("event-7") { event in
            var call = hks_call(
                struct_size: UInt32(MemoryLayout<hks_call>.size), attempt_number: 2, deadline_monotonic_ns: 9,
                tenant_id: hks_bytes(), destination_id: hks_bytes(), event_id: event)
            try body(made, component.calls, &call)
        }
    }

    private func authenticate(_ instance: OpaquePointer, _ calls: UnsafeRawPointer, _ call: UnsafePointer<hks_call>) {
        let calls = calls.assumingMemoryBound(to: hks_authenticator_calls.self).pointee
        var sink = hks_authentication(
            struct_size: UInt32(MemoryLayout<hks_authentication>.size), reserved: 0,
            context: Unmanaged.passUnretained(record).toOpaque(),
            set_header: { sink, name, value in
                Record.of(sink!.pointee.context).headers.append("\(text(name)): \(text(value))")
                return Int32(HKS_OK)
            },
            fetch: { _, _ in Int32(HKS_PERMANENT) })
        let status = withBytes("X-First") { name in
            withBytes("body") { body in
                let headers = [hks_header(name: name, value: hks_bytes())]
                return headers.withUnsafeBufferPointer { headers in
                    var request = hks_request(
                        struct_size: UInt32(MemoryLayout<hks_request>.size), header_count: 1, method: hks_bytes(),
                        url: hks_bytes(), headers: headers.baseAddress, body: body)
                    return calls.authenticate(instance, call, &request, &sink)
                }
            }
        }
        #expect(status == HKS_OK)
        #expect(record.headers == ["X-First: body", "X-Event: event-7"])
        #expect(calls.fetched == nil)
        #expect(calls.rejected == nil)
    }

    /// What a host of version 1.0 says.
    private static let sinkSizeBefore1_1 = 32

    private func transform(
        _ instance: OpaquePointer, _ calls: UnsafeRawPointer, _ call: UnsafePointer<hks_call>, sinkSize: Int
    ) {
        record.emitted = []
        record.contentTypes = []
        let calls = calls.assumingMemoryBound(to: hks_transformer_calls.self).pointee
        var sink = hks_sink(
            struct_size: UInt32(sinkSize), reserved: 0, context: Unmanaged.passUnretained(record).toOpaque(),
            size_max: 7,
            emit: { sink, bytes in
                Record.of(sink!.pointee.context).emitted.append(Array(text(bytes).utf8))
                return Int32(HKS_OK)
            },
            set_content_type: { sink, type in
                Record.of(sink!.pointee.context).contentTypes.append(text(type))
                return Int32(HKS_OK)
            })
        #expect(withBytes("1234567") { calls.apply(instance, call, $0, &sink) } == HKS_OK)
        #expect(withBytes("12345678") { calls.apply(instance, call, $0, &sink) } == HKS_PERMANENT)
        #expect(record.emitted == [Array("1234567".utf8)])
    }

    private func decide(_ instance: OpaquePointer, _ calls: UnsafeRawPointer, _ call: UnsafePointer<hks_call>) {
        let calls = calls.assumingMemoryBound(to: hks_retry_policy_calls.self).pointee
        var failure = hks_failure(
            struct_size: UInt32(MemoryLayout<hks_failure>.size), attempt_number: 4, attempts_max: 5, outcome: 2,
            http_status: 503, reserved: 0, retry_after_ms: 300, elapsed_ms: 20, random: 1_231)
        var decision = hks_retry_decision(
            struct_size: UInt32(MemoryLayout<hks_retry_decision>.size), action: 0, delay_ms: 0)
        #expect(calls.decide(instance, call, &failure, &decision) == HKS_OK)
        #expect(decision.action == HKS_AGAIN)
        #expect(decision.delay_ms == 1_000_321)
        failure.attempt_number = 5
        #expect(calls.decide(instance, call, &failure, &decision) == HKS_OK)
        #expect(decision.action == HKS_GIVE_UP)
    }
}
