import PluginAPI

/// Why a call did not do its job. Thrown by a component, it becomes the C status and the sentence on the attempt.
public struct PluginError: Error, Sendable, Equatable {
    /// One of the HKS_ statuses except HKS_OK.
    public var status: Int32
    /// One sentence for people. Shown to the tenant: no secret in it.
    public var sentence: String
    /// Byte offset into the settings (in `init`) or the payload (in `apply`) that the sentence is about.
    public var position: Int?

    public init(status: Int32, sentence: String, position: Int? = nil) {
        self.status = status
        self.sentence = sentence
        self.position = position
    }

    /// Only from `init`: the settings are wrong in a way the schema cannot express.
    public static func invalidSettings(_ sentence: String, at position: Int? = nil) -> PluginError {
        PluginError(status: Int32(HKS_INVALID_SETTINGS), sentence: sentence, position: position)
    }

    /// This attempt failed, a later one may do better.
    public static func retryable(_ sentence: String, at position: Int? = nil) -> PluginError {
        PluginError(status: Int32(HKS_RETRYABLE), sentence: sentence, position: position)
    }

    /// This attempt failed and so would every later one with the same input.
    public static func permanent(_ sentence: String, at position: Int? = nil) -> PluginError {
        PluginError(status: Int32(HKS_PERMANENT), sentence: sentence, position: position)
    }

    /// A bug in the plugin.
    public static func bug(_ sentence: String) -> PluginError {
        PluginError(status: Int32(HKS_INTERNAL), sentence: sentence)
    }
}
