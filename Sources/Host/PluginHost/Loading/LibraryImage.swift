import CSandbox
import Glibc
import Synchronization

/// A library's bytes as they were when it was checked, sealed in memory. This is what is loaded, here and in children:
/// the file may be replaced, rewritten or deleted under a running host, and what was hashed is what runs.
///
/// A library is therefore one file: it cannot find others beside itself by `$ORIGIN` (ld.so(8)).
final class LibraryImage: Sendable {
    let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// In a child: the copy that its host put there.
    init(adopting descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// With the process's own number and not as `self`, so that a debugger finds it as well.
    var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

    private struct Known {
        weak var image: LibraryImage?
    }
    private static let known = Mutex<[String: Known]>([:])

    /// The image of these bytes; one for each digest, so that a version that comes back is the one loaded before.
    static func of(_ bytes: [UInt8], digest: String, name: String) throws(Refused) -> LibraryImage {
        let image = known.withLock { known -> LibraryImage? in
            if let image = known[digest]?.image { return image }
            known = known.filter { $0.value.image != nil }
            let descriptor = bytes.withUnsafeBytes { sandbox_sealed_copy(name, $0.baseAddress, $0.count) }
            guard descriptor >= 0 else { return nil }
            let image = LibraryImage(descriptor)
            known[digest] = Known(image: image)
            return image
        }
        guard let image else { throw Refused("cannot be copied into memory: \(systemError())") }
        return image
    }
}
