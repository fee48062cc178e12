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
        /// Without symbolic links, by what is configured: the directories that were looked into.
        var directories: [String: String] = [:]
        /// Directories that could not be looked into; nothing is known of their files.
        var unusable: [(directory: String, reason: String)] = []
    }

    /// Files in the order of directories, then of names, so that which of two libraries wins a name does not depend
    /// on the file system.
    func find() -> Found {
        var found = Found()
        for directory in directories {
            do {
                let resolved = try LibraryFile.inspectDirectory(directory)
                let names = try names(in: resolved)
                found.directories[directory] = resolved
                for name in names {
                    let path = resolved == "/" ? "/\(name)" : "\(resolved)/\(name)"
                    do throws(Refused) {
                        found.files.append(
                            try LibraryFile.inspect(path, in: resolved, allowedDigests: allowedDigests))
                    } catch {
                        found.refusals.append(PluginRefusal(library: path, reason: error.sentence))
                    }
                }
            } catch {
                found.unusable.append((directory, error.sentence))
            }
        }
        return found
    }

    private func names(in directory: String) throws(Refused) -> [String] {
        guard let stream = opendir(directory) else { throw Refused("cannot be read: \(systemError())") }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                // The end and a failure look alike but for this.
                guard errno == 0 else { throw Refused("cannot be read: \(systemError())") }
                break
            }
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
