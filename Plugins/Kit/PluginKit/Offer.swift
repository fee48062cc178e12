import PluginAPI

/// A component as one of the three kinds. It is named rather than found out: looking a conformance up at run time
/// would search all libraries of the process, and each of them may have its own copy of this kit.
public enum Offer {
    case authenticator(any Authenticator.Type)
    case transformer(any Transformer.Type)
    case retryPolicy(any RetryPolicy.Type)
}

extension Offer {
    var component: any Component.Type {
        switch self {
        case .authenticator(let type): type
        case .transformer(let type): type
        case .retryPolicy(let type): type
        }
    }

    var kindID: String {
        switch self {
        case .authenticator: HKS_KIND_AUTHENTICATOR
        case .transformer: HKS_KIND_TRANSFORMER
        case .retryPolicy: HKS_KIND_RETRY_POLICY
        }
    }

    var calls: UnsafeRawPointer {
        switch self {
        case .authenticator: UnsafeRawPointer(AuthenticatorCalls.table)
        case .transformer: UnsafeRawPointer(TransformerCalls.table)
        case .retryPolicy: UnsafeRawPointer(RetryPolicyCalls.table)
        }
    }

    func makeInstance(settings: Settings, host: HostServices) throws -> Instance {
        switch self {
        case .authenticator(let type):
            Holder<any Authenticator>(try type.init(settings: settings, host: host), host: host)
        case .transformer(let type):
            Holder<any Transformer>(try type.init(settings: settings, host: host), host: host)
        case .retryPolicy(let type):
            Holder<any RetryPolicy>(try type.init(settings: settings, host: host), host: host)
        }
    }
}
