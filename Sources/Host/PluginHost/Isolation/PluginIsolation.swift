/// Which libraries run in a process of their own, and what such a process is.
package struct PluginIsolation: Sendable {
    package enum Mode: String, CaseIterable, Sendable {
        case inProcess = "in-process"
        case process
    }

    /// Nil: libraries that came with the host run in it, all others in processes of their own.
    package var standard: Mode?
    /// By file name (`libPartnerStamp.so`); these win.
    package var byLibrary: [String: Mode]
    /// Absolute, resolved: where the libraries lie that came with the host.
    package var ownDirectories: [String]
    /// What a child is: the program, and the words before those that every child gets.
    package var executable: String
    package var arguments: [String]

    package init(
        standard: Mode?, byLibrary: [String: Mode] = [:], ownDirectories: [String] = [], executable: String,
        arguments: [String]
    ) {
        self.standard = standard
        self.byLibrary = byLibrary
        self.ownDirectories = ownDirectories
        self.executable = executable
        self.arguments = arguments
    }

    /// Nothing is isolated.
    package static let none = PluginIsolation(standard: .inProcess, executable: "", arguments: [])

    func mode(of file: LibraryFile) -> Mode {
        if let chosen = byLibrary[file.name] ?? standard { return chosen }
        return ownDirectories.contains(LibraryFile.parentDirectory(of: file.path)) ? .inProcess : .process
    }
}
