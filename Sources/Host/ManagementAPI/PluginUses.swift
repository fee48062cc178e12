import Crypto
import Domain
import JSON
import Ports

/// Turns components as clients write them into what the store keeps, and back into what clients may see.
struct PluginUses {
    let catalog: any PluginCatalog
    let vault: Vault
    let limits: Limits
    let urls: DestinationURL
    let boundedCalls: BoundedCalls
    /// One tenant's settings may be what a component does not come back from; others' are not.
    let tenant: TenantID

    /// Merges kept secrets in, checks the settings and seals them. Runs the plugin's `create`: call it without a store.
    ///
    /// previous: the use that this one replaces; its secrets are kept if it is of the same plugin.
    func sealed(
        _ input: PluginInput, _ kind: PluginKind, for destination: DestinationID, replacing previous: SealedPluginUse?
    ) throws -> SealedPluginUse {
        var settings = input.settings
        // Settings that cannot be opened any more have nothing to keep: the client has to send all of them.
        if let previous, previous.plugin.isExactly(input.plugin),
            let description = catalog.components.first(where: { $0.kind == kind && $0.name.isExactly(input.plugin) }),
            let old = try? opened(previous, kind, of: destination)
        {
            // Before the work of merging: these may be as long as a body.
            _ = try serialized(settings, input.field)
            let shown = catalog.redacted(kind, plugin: previous.plugin, settings: old)
            settings = SecretFields(schema: description.settingsSchema)
                .keeping(object(old), shownAs: object(shown), in: settings)
        }
        let bytes = try serialized(settings, input.field)
        do {
            try validate(input.plugin, kind, bytes)
        } catch let error as PluginFault where error.cause == .unavailable {
            throw error
        } catch let error as PluginFault {
            throw Refusal.invalid("\(input.field): \(error.sentence)")
        }
        if kind == .authenticator { try checkForHost(input.plugin, settings, input.field) }
        let identity = SealIdentity.pluginSettings(of: destination, kind: kind.word)
        return SealedPluginUse(plugin: input.plugin, sealedSettings: vault.seal(bytes, for: identity))
    }

    private func serialized(_ settings: JSONObject, _ field: String) throws(Refusal) -> [UInt8] {
        let bytes = JSONValue.object(settings).serialized()
        guard bytes.count <= limits.pluginSettingsBytes else {
            throw .invalid("\(field) must not be longer than \(limits.pluginSettingsBytes) bytes")
        }
        return bytes
    }

    /// Foreign code, which may not come back: it is not waited for longer than a well-behaved component could take.
    private func validate(_ plugin: String, _ kind: PluginKind, _ settings: [UInt8]) throws {
        let patience = limits.pluginCreate + limits.pluginCall + .seconds(1)
        let outcome = boundedCalls.run("\(kind.word)/\(plugin)/\(tenant)", within: patience) { [catalog] in
            Result { () throws(PluginFault) in try catalog.validate(kind, plugin: plugin, settings: settings) }
        }
        switch outcome {
        case .finished(let result): try result.get()
        case .stuck:
            throw Refusal(
                status: 503,
                sentence: "the \(kind.name) \(plugin) did not come back from a check of settings; "
                    + "until it does, no others of the tenant can be checked",
                retryAfter: patience)
        }
    }

    /// `{"plugin", "settings"}` with the secrets replaced, or null. Settings that cannot be opened any more are shown
    /// as null: the destination can still be seen, and mended.
    func shown(_ use: SealedPluginUse?, _ kind: PluginKind, of destination: DestinationID) -> JSONValue {
        guard let use else { return .null }
        var settings = JSONValue.null
        if let plain = try? opened(use, kind, of: destination) {
            let redacted = catalog.redacted(kind, plugin: use.plugin, settings: plain)
            settings = (try? JSONValue(parsing: redacted)) ?? .null
        }
        return ["plugin": .string(use.plugin), "settings": settings]
    }

    private func opened(
        _ use: SealedPluginUse, _ kind: PluginKind, of destination: DestinationID
    ) throws(CryptoError) -> [UInt8] {
        try vault.open(use.sealedSettings, for: SealIdentity.pluginSettings(of: destination, kind: kind.word))
    }

    private func object(_ bytes: [UInt8]) -> JSONObject {
        (try? JSONValue(parsing: bytes))?.members ?? JSONObject([])
    }

    /// Rules that belong to the host and that no plugin can know: headers that it writes itself, and addresses that
    /// it would not connect to.
    private func checkForHost(_ plugin: String, _ settings: JSONObject, _ field: String) throws(Refusal) {
        if plugin.isExactly(OutboundAuthType.apiKey.name), let name = settings["headerName"]?.text,
            isReservedHeader(name)
        {
            throw .invalid("\(field).headerName must not be \(name): that header is reserved")
        }
        if plugin.isExactly(OutboundAuthType.jwtBearer.name), let url = settings["tokenEndpoint"]?.text {
            try urls.check(url, field: "\(field).tokenEndpoint")
        }
    }
}

/// Headers that the host, the HTTP library or the signature owns.
func isReservedHeader(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["host", "content-length", "content-type", "transfer-encoding", "connection"].contains { name.isExactly($0) }
        || name.beginsExactly(with: "x-hooksentry-") || name.beginsExactly(with: "webhook-")
}
