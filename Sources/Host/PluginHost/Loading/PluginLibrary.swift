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

    private struct Opened {
        var opening: Opening
        /// Kept, because the dynamic linker knows a library by its path, which holds the image's descriptor: no other
        /// may get that number.
        var image: LibraryImage
    }

    // By digest: a version is opened and asked once in the life of the process, wherever and however often it is
    // found.
    private static let opened = Mutex<[String: Opened]>([:])

    /// Opens the file and reads what it offers. [load-thread]
    static func open(_ file: LibraryFile) -> Opening {
        opened.withLock { opened in
            if let known = opened[file.digest] { return known.opening }
            guard file.mentionsEntry, let image = file.image else { return .notPlugin }
            // Now: a missing symbol is found here and not in the middle of a delivery. Local: libraries do not see one
            // another's symbols.
            guard let handle = dlopen(image.path, RTLD_NOW | RTLD_LOCAL) else {
                let words = dlerror().map { String(cString: $0) } ?? "it gave no reason"
                return .refused(
                    Refused("was refused by the dynamic linker: \(words.replacing(image.path, with: file.path))"))
            }
            let opening = describe(handle)
            opened[file.digest] = Opened(opening: opening, image: image)
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
