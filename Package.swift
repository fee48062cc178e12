// swift-tools-version: 6.2
import PackageDescription

// Every target is made by one of the functions below, so that a new arrow between
// modules is one visible word in this file (Tests/TidyTests reads it back).

let warnings: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

/// The fuzzers take plugins into their own program, which must not hide what its sanitizer offers.
let isForFuzzing = Context.environment["HOOKSENTRY_FUZZ"] != nil

/// A host module below Sources/Host. Nothing claims Sources/Host itself.
func host(_ name: String, _ imports: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .target(
        name: name, dependencies: imports, path: "Sources/Host/\(name)", resources: resources, swiftSettings: warnings)
}

/// A target of the kit, below Plugins/Kit: what plugins in Swift share.
func kit(_ name: String, _ imports: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: imports, path: "Plugins/Kit/\(name)", swiftSettings: warnings)
}

/// A system C library: a module map and a shim. Each is imported by exactly one host module.
func system(_ name: String, pkgConfig: String, apt package: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/Host/System/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// A plugin library hides every symbol but its entry point: two libraries may each
/// carry their own copy of the kit, and neither may bind to the other's.
let pluginLinking: [LinkerSetting] =
    isForFuzzing
    ? [] : [.unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/Plugins/Kit/plugin.map"])]

func swiftPlugin(
    _ name: String, path: String? = nil, exclude: [String] = [], _ imports: [Target.Dependency] = []
) -> Target {
    .target(
        name: name, dependencies: ["PluginAPI", "PluginKit"] + imports, path: path ?? "Plugins/\(name)",
        exclude: ["README.md"] + exclude, swiftSettings: warnings, linkerSettings: pluginLinking)
}

func cPlugin(_ name: String, path: String, exclude: [String] = ["README.md"]) -> Target {
    .target(
        name: name, dependencies: ["PluginAPI"], path: path, exclude: exclude, publicHeadersPath: ".",
        cSettings: [.unsafeFlags(["-std=c11", "-Wall", "-Wextra", "-fvisibility=hidden"])],
        linkerSettings: pluginLinking)
}

/// Its library is `libFault_<name>.so`, so that whoever loads plugins from a build folder can leave them out.
func faultPlugin(_ name: String) -> Target {
    .target(
        name: "Fault_\(name)", dependencies: ["PluginAPI"], path: "Tests/FaultPlugins/\(name)", publicHeadersPath: ".",
        cSettings: [
            .unsafeFlags(["-std=c11", "-Wall", "-Wextra", "-Wno-initializer-overrides", "-fvisibility=hidden"])
        ],
        linkerSettings: pluginLinking)
}

func tests(_ name: String, _ imports: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: imports, path: "Tests/\(name)", exclude: exclude, swiftSettings: warnings)
}

/// A program that tests start.
func testProgram(_ name: String, _ imports: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: imports, path: "Tests/\(name)", swiftSettings: warnings)
}

let shippedPlugins = [
    "ApiKey", "BearerToken", "BasicAuth", "JwtBearer", "OAuth2", "SignedJwt", "Hmac", "AwsSigV4", "HttpSignature",
    "Mapping", "Template", "JsonPatch", "Redact",
    "Schedule", "Exponential", "Fixed",
]
let templatePlugins = ["TemplateC", "TemplateSwift"]

/// One tiny library for each way to be wrong; the names are the test plan.
let faultPlugins = [
    "aborts", "attacks", "bad_content_type", "bad_header_name", "bad_name", "bad_schema", "bad_version",
    "claims_any_major", "crashes", "crashes_on_broken_settings", "crashes_on_garbage", "crashes_on_rejection",
    "crashes_rarely", "create_fails", "create_fails_silently", "create_without_instance", "description_changes",
    "duplicate_header", "duplicate_name", "echoes_encoded_secret", "echoes_secret", "emits_broken_json",
    "emits_nothing", "emits_null", "emits_then_fails", "emits_too_much", "emits_twice", "exits",
    "fails_with_garbage", "fails_without_report", "fetch_without_need", "fetches_forever", "fetches_twice",
    "flags_set", "future_major", "future_minor", "handles_signal", "hangs", "header_injection", "hides_its_failure",
    "injects_setting", "keeps_borrowed_input", "keeps_call", "keeps_settings", "knows_every_kind",
    "knows_similar_kinds", "late", "leaks_calls", "leaks_instances", "leaks_pages", "logs_secret",
    "long_description", "missing_call", "missing_calls", "missing_create", "missing_destroy",
    "need_from_transformer", "need_without_fetch", "needs_fetch_without_fetched", "no_components", "no_entry",
    "no_kind", "nondeterministic", "null_component", "null_components", "null_entry", "null_get_kind", "opens_file",
    "reads_past_input", "reason_changes", "refuses_with_wrong_status", "reserved_header", "retry_nondeterministic",
    "retry_out_of_range", "retry_shrinks", "retry_unknown_action", "schema_not_object", "shares_state",
    "short_calls", "short_component", "short_entry", "short_kind", "sleeps_past_deadline", "slow_describe",
    "slow_load", "starts_thread", "takes_any_answer", "too_many_components", "too_many_headers",
    "unknown_schema_keyword", "unknown_status", "unresolved_symbol", "writes_to_input", "wrong_magic",
]

let package = Package(
    name: "hooksentry",
    products: [
        .executable(name: "hooksentry", targets: ["HookSentry"]),
        // For authors of plugins in other packages.
        .library(name: "PluginKit", targets: ["PluginKit"]),
    ]
        + (shippedPlugins + templatePlugins + faultPlugins.map { "Fault_\($0)" }).map {
            .library(name: $0, type: .dynamic, targets: [$0])
        },
    targets: [
        // The border to plugins, and the kit for authors who write them in Swift.
        .target(
            name: "PluginAPI", path: "Sources/PluginAPI",
            cSettings: [.unsafeFlags(["-std=c11", "-Wall", "-Wextra", "-Werror"])]),
        kit("Encoding"),
        // Optimized in debug builds as well: the time limits of calls into plugins hold there, too.
        .target(
            name: "JSON", path: "Plugins/Kit/JSON", swiftSettings: warnings + [.unsafeFlags(["-O"])]),
        kit("PluginKit", ["PluginAPI", "JSON"]),
        kit("Backoff"),
        kit("Signing", ["PluginKit", "Encoding", "COpenSSL"]),
        kit("OAuthTokens", ["PluginKit", "Encoding"]),

        // System libraries.
        .systemLibrary(name: "CLinux", path: "Sources/Host/System/CLinux"),
        .systemLibrary(name: "CMalloc", path: "Sources/Host/System/CMalloc"),
        .systemLibrary(name: "CSandbox", path: "Sources/Host/System/CSandbox"),
        system("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        system("CLibpq", pkgConfig: "libpq", apt: "libpq-dev"),
        system("CRabbitMQ", pkgConfig: "librabbitmq", apt: "librabbitmq-dev"),
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        system("CMicrohttpd", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),

        // The host, from pure values outward.
        host("Domain"),
        host("Threading", ["CLinux"]),
        host("Telemetry"),
        host("Ports", ["Domain"]),
        host("Config", ["Domain", "Crypto"]),
        host("Crypto", ["Domain", "JSON", "Encoding", "COpenSSL"]),
        host("Delivery", ["Domain", "Ports", "Telemetry", "Threading", "Crypto"]),
        host(
            "PluginHost",
            ["Domain", "Ports", "Telemetry", "Threading", "Crypto", "JSON", "PluginAPI", "CMalloc", "CSandbox"]),
        host("PostgresStore", ["Domain", "Ports", "Telemetry", "CLibpq"]),
        host("RabbitBroker", ["Domain", "Ports", "Telemetry", "Threading", "CRabbitMQ"]),
        host("HTTPSender", ["Domain", "Ports", "Telemetry", "Threading", "CCurl"]),
        host("HTTPServer", ["Domain", "Telemetry", "Threading", "CMicrohttpd"]),
        host("Ingest", ["Domain", "Ports", "Telemetry", "Threading", "Crypto", "HTTPServer", "JSON"]),
        host(
            "ManagementAPI", ["Domain", "Ports", "Telemetry", "Threading", "Crypto", "HTTPServer", "JSON"],
            // In the binary, so that it needs no file beside it.
            resources: (["destinations", "events", "live", "operators", "people", "plugins"].map {
                "OpenAPI/Schemas/\($0).json"
            }
                + ["page.html", "page.css", "elements.js", "schemas.js", "samples.js", "page.js"].map {
                    "Reference/\($0)"
                }).map { .embedInCode($0) }),
        host("Demo", ["Domain", "Crypto", "Threading", "HTTPServer", "JSON", "Ports", "HTTPSender", "Telemetry"]),
        .executableTarget(
            name: "HookSentry",
            dependencies: [
                "Domain", "Threading", "Telemetry", "Ports", "Config", "Crypto", "Delivery", "PluginHost",
                "PostgresStore", "RabbitBroker", "HTTPSender", "HTTPServer", "Ingest", "ManagementAPI", "Demo", "JSON",
                "PluginTemplates",
            ],
            path: "Sources/Host/HookSentry", swiftSettings: warnings),

        // Shipped plugins: no back door, the public header and the kit alone.
        swiftPlugin("ApiKey"),
        swiftPlugin("BearerToken"),
        cPlugin("BasicAuth", path: "Plugins/BasicAuth"),
        swiftPlugin("JwtBearer", ["OAuthTokens"]),
        swiftPlugin("OAuth2", ["OAuthTokens", "Signing", "Encoding"]),
        swiftPlugin("SignedJwt", ["Signing", "Encoding"]),
        swiftPlugin("Hmac", ["Signing", "Encoding"]),
        swiftPlugin("AwsSigV4", ["Signing", "Encoding"]),
        swiftPlugin("HttpSignature", ["Signing", "Encoding"]),
        .target(
            name: "MappingProgram", dependencies: ["JSON"], path: "Plugins/Mapping/Program", swiftSettings: warnings),
        swiftPlugin("Mapping", exclude: ["Program"], ["MappingProgram"]),
        swiftPlugin("Template", path: "Plugins/TextTemplate", ["Encoding"]),
        swiftPlugin("JsonPatch"),
        swiftPlugin("Redact", ["Signing", "Encoding"]),
        swiftPlugin("Schedule", ["Backoff"]),
        swiftPlugin("Exponential", ["Backoff"]),
        swiftPlugin("Fixed", ["Backoff"]),

        // The projects that `plugin new` writes; two of them are built here, the others by the tests as their authors
        // would.
        .target(
            name: "PluginTemplates", path: "Plugins/Template", exclude: ["C", "Cpp", "Swift", "Rust", "Zig"],
            sources: ["templates.c"], cSettings: [.unsafeFlags(["-std=c23", "-Wall", "-Wextra"])]),
        cPlugin(
            "TemplateC", path: "Plugins/Template/C",
            exclude: ["README.md", "Makefile", "authenticator.c", "transformer.c"]),
        swiftPlugin(
            "TemplateSwift", path: "Plugins/Template/Swift",
            exclude: ["Makefile", "transformer.swift", "retry-policy.swift"]),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: warnings),
        // Tests mirror the modules.
        tests("JSONTests", ["JSON", "Domain"]),
        tests("EncodingTests", ["Encoding"]),
        tests("BackoffTests", ["Backoff", "Domain"]),
        tests("SigningTests", ["Signing", "PluginKit", "Encoding", "JSON", "COpenSSL"]),
        tests("PluginABITests", ["PluginAPI"], exclude: ["Released"]),
        tests("MappingTests", ["MappingProgram", "JSON", "Domain"]),
        tests("ShippedPluginTests", ["PluginAPI", "JSON"], exclude: ["Vectors"]),
        tests("DomainTests", ["Domain"]),
        tests("ThreadingTests", ["Threading"]),
        tests("TelemetryTests", ["Telemetry"]),
        tests("ConfigTests", ["Config", "Crypto", "Domain"]),
        tests("CryptoTests", ["Crypto", "Domain", "JSON"]),
        tests("DeliveryTests", ["Delivery", "Domain", "Ports", "Crypto", "Telemetry", "Threading", "TestSupport"]),
        testProgram("PluginCheckChild", ["PluginHost"]),
        .executableTarget(
            name: "PluginBench", dependencies: ["PluginHost", "Domain", "Ports"], path: "scripts/bench/PluginBench",
            swiftSettings: warnings),
        tests(
            "PluginHostTests",
            [
                "PluginHost", "Domain", "Ports", "JSON", "Telemetry", "Threading", "PluginAPI", "CSandbox",
                "PluginCheckChild",
            ]),
        tests("PostgresStoreTests", ["PostgresStore", "Domain", "Ports", "Telemetry", "TestSupport"]),
        tests(
            "RabbitBrokerTests",
            ["RabbitBroker", "Domain", "Ports", "Telemetry", "Threading", "CRabbitMQ", "TestSupport"]),
        tests("HTTPSenderTests", ["HTTPSender", "Domain", "Ports", "Telemetry", "Threading", "CCurl"]),
        tests("HTTPServerTests", ["HTTPServer", "Telemetry", "Threading", "TestSupport"]),
        tests(
            "IngestTests",
            ["Ingest", "Domain", "Ports", "Telemetry", "Threading", "HTTPServer", "JSON", "TestSupport"]),
        tests("HookSentryTests", ["HookSentry", "HTTPServer", "Ports", "Threading"]),
        tests(
            "ManagementAPITests",
            ["ManagementAPI", "Domain", "Ports", "Crypto", "HTTPServer", "JSON", "TestSupport"]),
        tests("TidyTests", []),
    ] + faultPlugins.map(faultPlugin),
    swiftLanguageModes: [.v6]
)

// Fuzzers link only with the sanitizer that scripts/fuzz builds with, so they are there only for it.
if isForFuzzing {
    package.targets += [
        .executableTarget(
            name: "Fuzzer",
            dependencies: [
                "CCurl", "Config", "Crypto", "Delivery", "Domain", "HTTPSender", "HTTPServer", "Ingest", "JSON",
                "JsonPatch", "ManagementAPI", "MappingProgram", "PluginHost", "PluginKit", "Ports", "RabbitBroker",
                "Redact", "Telemetry", "Template",
            ],
            path: "Tests/Fuzz/Fuzzer", swiftSettings: warnings,
            // Several plugins in one program: any one's entry function will do, since none is called.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--allow-multiple-definition"])]),
    ]
}
