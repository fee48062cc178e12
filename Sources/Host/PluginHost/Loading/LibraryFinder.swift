import Glibc
import Ports

/// Looks for libraries in the configured directories, and nowhere else: never in the working folder and never along
/// a search path.
struct LibraryFinder {
    /// Absolute.
    var directories: [String]
    /// File names that begin with one of these are passed over without a word.
    var ignoredPrefixes: [String]
    /// Nil: any.
    var allowedDigests: Set<String>?

    struct Found {
        var files: [LibraryFile] = []
        /// Of files.
        var refusals: [PluginRefusal] = []
        /// Directories that could not be looked into, as configured and without symbolic links; nothing is known of
        /// their files.
        var unusable: [(directory: String, resolved: String, reason: String)] = []
    }

    /// Files in the order of directories, then of names, so that which of two libraries wins a name does not depend
    /// on the file system.
    func find() -> Found {
        var found = Found()
        for directory in directories {
            do {
                let resolved = try LibraryFile.inspectDirectory(directory)
                for name in try names(in: resolved) {
                    let path = resolved == "/" ? "/\(name)" : "\(resolved)/\(name)"
                    do throws(Refused) {
                        found.files.append(
                            try LibraryFile.inspect(path, in: resolved, allowedDigests: allowedDigests))
                    } catch {
                        found.refusals.append(PluginRefusal(library: path, reason: error.sentence))
                    }
                }
            } catch {
                found.unusable.append((directory, LibraryFile.resolvedPath(directory) ?? directory, error.sentence))
            }
        }
        return found
    }

    private func names(in directory: String) throws(Refused) -> [String] {
        guard let stream = opendir(directory) else { throw Refused("cannot be read: \(systemError())") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasPrefix("lib"), name.hasSuffix(".so"), !ignoredPrefixes.contains(where: name.hasPrefix)
            else { continue }
            names.append(name)
        }
        return names.sorted()
    }
}
