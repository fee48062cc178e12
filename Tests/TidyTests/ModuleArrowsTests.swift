import Testing

/// Who may import whom. The compiler keeps the arrows that Package.swift draws; this table keeps Package.swift:
/// a new arrow has to be written here as well, where a reviewer sees it.
private let allowed: [String: Set<String>] = {
    let core: Set<String> = ["Domain", "Ports", "Telemetry", "Threading"]
    return [
        "Domain": [],
        "Threading": ["CLinux"],
        "Telemetry": [],
        "Ports": ["Domain"],
        "Config": ["Domain", "Crypto"],
        "Crypto": ["Domain", "JSON", "Encoding", "COpenSSL"],
        "Delivery": core.union(["Crypto"]),
        "PluginHost": core.union(["Crypto", "JSON", "PluginAPI", "CMalloc", "CSandbox"]),
        "PostgresStore": ["Domain", "Ports", "Telemetry", "CLibpq"],
        "RabbitBroker": core.union(["CRabbitMQ"]),
        "HTTPSender": core.union(["CCurl"]),
        "HTTPServer": ["Domain", "Telemetry", "Threading", "CMicrohttpd"],
        "Ingest": core.union(["Crypto", "HTTPServer", "JSON"]),
        "ManagementAPI": core.union(["Crypto", "HTTPServer", "JSON"]),
        "Demo": core.union(["Crypto", "HTTPServer", "HTTPSender", "JSON"]),
        "HookSentry": core.union([
            "Config", "Crypto", "Delivery", "PluginHost", "PostgresStore", "RabbitBroker", "HTTPSender", "HTTPServer",
            "Ingest", "ManagementAPI", "Demo", "JSON", "PluginTemplates",
        ]),
    ]
}()

/// Modules that reach outside. They meet in the executable through Ports and never import one another;
/// the two that speak HTTP to clients stand on HTTPServer, and the demonstration is a client and a receiver.
private let adapters: Set<String> = ["PluginHost", "PostgresStore", "RabbitBroker", "HTTPSender", "HTTPServer"]

/// Modules of the platform itself that come with every toolchain.
private let toolchain: Set<String> = ["Glibc", "Synchronization"]

@Suite("Arrows between modules")
struct ModuleArrowsTests {
    let manifest: Manifest

    init() throws {
        manifest = try Manifest()
        try #require(manifest.hostArrows.count > 10, "Package.swift could not be read back")
    }

    @Test("Package.swift draws the arrows of the table, and no others")
    func manifestFollowsTheTable() {
        for (module, arrows) in manifest.hostArrows {
            #expect(arrows == allowed[module], "\(module) depends on \(arrows.sorted())")
        }
    }

    @Test("Every host module of Package.swift has a folder and every folder a module")
    func foldersMirrorModules() {
        let folders = Set(
            Tree.files(below: "Sources/Host", extensions: ["swift"]).map { String($0.path.split(separator: "/")[2]) })
        #expect(folders == Set(manifest.hostArrows.keys))
    }

    @Test("Source files import only what their module declares")
    func sourcesFollowTheManifest() {
        for file in Tree.files(below: "Sources/Host", extensions: ["swift"]) {
            let module = String(file.path.split(separator: "/")[2])
            let extra = Set(file.imports).subtracting(toolchain.union(manifest.hostArrows[module] ?? []))
            #expect(extra.isEmpty, "\(file.path) imports \(extra.sorted())")
        }
    }

    @Test("An adapter imports no other adapter")
    func adaptersAreStrangers() {
        for adapter in adapters {
            let others = (manifest.hostArrows[adapter] ?? []).intersection(adapters)
            #expect(others.isEmpty, "\(adapter) depends on \(others.sorted())")
        }
    }

    @Test("Each C library is imported by exactly one host module")
    func oneModulePerLibrary() {
        // These two are no libraries: they spell calls of the C library that Swift cannot, for whoever needs one.
        for library in manifest.systemLibraries.union(["PluginAPI"]).subtracting(["CLinux", "CMalloc"]) {
            let users = manifest.hostArrows.filter { $0.value.contains(library) }.keys.sorted()
            #expect(users.count == 1, "\(library) is used by \(users)")
        }
    }

    @Test("Plugins stand on the public header and the kit alone")
    func pluginsHaveNoBackDoor() throws {
        try #require(manifest.pluginArrows.count >= 10, "the plugins of Package.swift could not be read back")
        // MappingProgram is the Mapping plugin's own inside, a module so that tests can reach it.
        let kit: Set<String> = [
            "PluginAPI", "PluginKit", "JSON", "Backoff", "Encoding", "Signing", "OAuthTokens", "MappingProgram",
        ]
        for (plugin, arrows) in manifest.pluginArrows {
            #expect(arrows.isSubset(of: kit), "\(plugin) depends on \(arrows.subtracting(kit).sorted())")
        }
        for file in Tree.files(below: "Plugins", extensions: ["swift"]) {
            // One target of the kit speaks to OpenSSL, on behalf of all plugins that sign.
            let signs = file.path.hasPrefix("Plugins/Kit/Signing/")
            let extra = Set(file.imports).subtracting(kit.union(toolchain).union(signs ? ["COpenSSL"] : []))
            #expect(extra.isEmpty, "\(file.path) imports \(extra.sorted())")
        }
    }
}
