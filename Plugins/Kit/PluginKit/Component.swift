/// One thing a tenant can choose; conform to `Authenticator`, `Transformer` or `RetryPolicy`, which refine this.
///
/// An instance serves one configured destination. Its calls never overlap but may come from different threads;
/// calls to other instances do overlap, so anything kept outside of instances needs its own lock. It opens no
/// socket and no file, starts no thread and never sleeps.
public protocol Component {
    /// What tenants write: a letter, then letters, digits, `-` or `.`; at most 60 bytes.
    static var name: String { get }
    /// Of the component, such as `1.4.0`; at most 40 bytes.
    static var version: String { get }
    /// One sentence for the person who chooses; at most 300 bytes.
    static var summary: String { get }
    /// A JSON Schema (draft 2020-12) of an object, in the keywords that `hooksentry/entry.h` lists. Settings that
    /// break it never reach `init`. `"writeOnly": true` marks a secret.
    static var settingsSchema: String { get }

    /// Makes an instance. All costly preparation belongs here.
    /// settings: satisfy the schema. host: good as long as the instance lives.
    /// Throws `PluginError.invalidSettings` for what the schema cannot express.
    init(settings: Settings, host: HostServices) throws
}
