/// Why a library cannot be used: the end of a sentence that begins with its name.
struct Refused: Error, Equatable {
    var sentence: String
    init(_ sentence: String) { self.sentence = sentence }
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
