import Glibc
import PluginAPI
import Synchronization

/// Opens libraries, each once and for the life of the process: they are never closed, since a Swift or Go runtime
/// inside one could not be unloaded.
enum PluginLibrary {
    /// Unchecked for the reason that `Component` gives.
    enum Opening: @unchecked Sendable {
        case plugin([OfferedComponent])
        /// It has no entry function: not a plugin, which is no mistake.
        case notPlugin
        case refused(Refused)
    }

    // A file is opened and asked once in the life of the process, whichever directories it is found in. An inode
    // cannot be given to another file while a library is mapped from it.
    private static let opened = Mutex<[LibraryFile.Identity: Opening]>([:])

    /// Opens the file and reads what it offers. [load-thread]
    static func open(_ file: LibraryFile) -> Opening {
        opened.withLock { opened in
            if let known = opened[file.identity] { return known }
            guard file.mentionsEntry else { return .notPlugin }
            // Now: a missing symbol is found here and not in the middle of a delivery. Local: libraries do not see one
            // another's symbols.
            guard let handle = dlopen(file.path, RTLD_NOW | RTLD_LOCAL) else {
                let words = dlerror().map { String(cString: $0) } ?? "it gave no reason"
                return .refused(Refused("was refused by the dynamic linker: \(words)"))
            }
            let opening = describe(handle)
            opened[file.identity] = opening
            return opening
        }
    }

    private static func describe(_ handle: UnsafeMutableRawPointer) -> Opening {
        guard let symbol = dlsym(handle, Interface.entrySymbol) else { return .notPlugin }
        let entry = unsafeBitCast(symbol, to: hks_plugin_entry_fn.self)
        do {
            return .plugin(try LibraryReader.components(of: entry(Interface.major)))
        } catch {
            return .refused(error)
        }
    }
}
