import JSON
import Ports

extension PluginRegistry {
    package func validate(_ kind: PluginKind, plugin: String, settings: [UInt8]) throws(PluginFault) {
        try tryOut(try component(kind, plugin), settings: settings)
    }

    /// Makes an instance and drops it.
    func tryOut(_ component: Component, settings: [UInt8]) throws(PluginFault) {
        if let place = component.home {
            _ = try makeInstance(component, in: place, settings: settings, storageKey: nil, mustExist: true)
        } else {
            _ = try makeInstance(component, settings: settings, storageKey: nil)
        }
    }

    package func redacted(_ kind: PluginKind, plugin: String, settings: [UInt8]) -> [UInt8] {
        guard let value = try? JSONValue(parsing: settings), case .object(let object) = value else {
            return Array("{}".utf8)
        }
        guard let component = try? component(kind, plugin) else {
            // Nobody knows any more which of the settings are secret.
            let members = object.members.map { (name: $0.name, value: JSONValue.string(redactionMark)) }
            return JSONValue.object(JSONObject(members)).serialized()
        }
        return component.offer.schema.root.redacted(value).serialized()
    }

    package func makeTransformer(
        _ plugin: String, settings: [UInt8], storageKey: String
    ) throws(PluginFault) -> any TransformerInstance {
        let component = try component(.transformer, plugin)
        if let place = component.home {
            return IsolatedTransformer(
                try makeInstance(component, in: place, settings: settings, storageKey: storageKey),
                sizeMax: limits.transformedBytes)
        }
        return TransformerAdapter(
            try makeInstance(component, settings: settings, storageKey: storageKey), sizeMax: limits.transformedBytes)
    }

    package func makeAuthenticator(
        _ plugin: String, settings: [UInt8], storageKey: String
    ) throws(PluginFault) -> any AuthenticatorInstance {
        let component = try component(.authenticator, plugin)
        if let place = component.home {
            return IsolatedAuthenticator(
                try makeInstance(component, in: place, settings: settings, storageKey: storageKey))
        }
        return AuthenticatorAdapter(try makeInstance(component, settings: settings, storageKey: storageKey))
    }

    package func makeRetryPolicy(
        _ plugin: String, settings: [UInt8], storageKey: String
    ) throws(PluginFault) -> any RetryPolicyInstance {
        let component = try component(.retryPolicy, plugin)
        if let place = component.home {
            return IsolatedRetryPolicy(
                try makeInstance(component, in: place, settings: settings, storageKey: storageKey))
        }
        return RetryPolicyAdapter(try makeInstance(component, settings: settings, storageKey: storageKey))
    }
}
