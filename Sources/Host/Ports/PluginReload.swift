/// What loading, for the first time or again, has come to.
package struct PluginReload: Sendable {
    /// Rises with each load that changed anything.
    package var generation: Int
    /// Components that are new or of a new version of their library.
    package var loaded: [PluginDescription]
    /// Components whose library is gone, or whose new version has them no more.
    package var removed: [PluginDescription]
    /// Components that stayed as they were.
    package var unchanged: Int
    /// Libraries that could not be used. One that was loaded before keeps serving in its old version, and the reason
    /// says so.
    package var refused: [PluginRefusal]

    package init(
        generation: Int, loaded: [PluginDescription], removed: [PluginDescription], unchanged: Int,
        refused: [PluginRefusal]
    ) {
        self.generation = generation
        self.loaded = loaded
        self.removed = removed
        self.unchanged = unchanged
        self.refused = refused
    }
}

/// A library that lies in a plugin directory and does not take part.
package struct PluginRefusal: Sendable, Equatable {
    /// Absolute path where there is one.
    package var library: String
    /// One sentence's end: `is writable by its group`.
    package var reason: String

    package init(library: String, reason: String) {
        self.library = library
        self.reason = reason
    }
}
