import Crypto
import Glibc

/// One library file that passed the checks made before any of its code runs.
struct LibraryFile: Sendable {
    static let bytesMax = 256 << 20

    /// What makes two paths the same file, for as long as one looks.
    struct Identity: Hashable, Sendable {
        var device: UInt64
        var inode: UInt64
    }

    /// Absolute: where it was found.
    var path: String
    var identity: Identity
    /// SHA-256 of the file, lower-case hex.
    var digest: String
    /// Whether the name of the entry function occurs in it at all; if not, it is no plugin and need not be opened.
    var mentionsEntry: Bool
    /// What is loaded. Nil for a file that is no plugin.
    var image: LibraryImage?

    /// Checks owner, mode and digest. directory: resolved, absolute. allowedDigests: nil if any is allowed.
    ///
    /// The file is read once: what was checked and hashed is what `image` holds.
    static func inspect(
        _ path: String, in directory: String, allowedDigests: Set<String>?
    ) throws(Refused) -> LibraryFile {
        guard path.utf8.first == UInt8(ascii: "/") else { throw Refused("is not an absolute path") }
        guard let target = resolvedPath(path) else { throw Refused("cannot be resolved: \(systemError())") }
        guard parentDirectory(of: target) == directory else {
            throw Refused("is a symbolic link that leaves its directory (to \(target))")
        }
        let descriptor = open(target, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else { throw Refused("cannot be read: \(systemError())") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Refused("cannot be read: \(systemError())") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Refused("is not a regular file") }
        try checkTrust(status)
        guard status.st_size <= bytesMax else { throw Refused("is larger than \(bytesMax >> 20) MiB") }
        let bytes = try readAll(descriptor, count: Int(status.st_size))
        let digest = Hex.encode(SHA256.hash(bytes))
        if let allowedDigests, !allowedDigests.contains(digest) {
            throw Refused("is not on the list of allowed digests (its SHA-256 is \(digest))")
        }
        var file = LibraryFile(
            path: path, identity: Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)),
            digest: digest, mentionsEntry: contains(Interface.entrySymbol, bytes))
        if file.mentionsEntry { file.image = try LibraryImage.of(bytes, digest: digest, name: file.name) }
        return file
    }

    /// Checks a directory and returns it without symbolic links.
    static func inspectDirectory(_ path: String) throws(Refused) -> String {
        guard path.utf8.first == UInt8(ascii: "/") else { throw Refused("is not an absolute path") }
        guard let resolved = resolvedPath(path) else { throw Refused("cannot be read: \(systemError())") }
        var status = stat()
        guard stat(resolved, &status) == 0 else { throw Refused("cannot be read: \(systemError())") }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw Refused("is not a directory") }
        try checkTrust(status)
        return resolved
    }

    /// Whoever can write a library can run code in this process.
    private static func checkTrust(_ status: stat) throws(Refused) {
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw Refused("is owned by user \(status.st_uid), neither root nor the user who runs this process")
        }
        if status.st_mode & S_IWGRP != 0 { throw Refused("is writable by its group") }
        if status.st_mode & S_IWOTH != 0 { throw Refused("is writable by everybody") }
    }

    private static func readAll(_ descriptor: Int32, count: Int) throws(Refused) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = read(descriptor, buffer.baseAddress! + filled, count - filled)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { return }
                filled += got
            }
        }
        guard failure == 0 else { throw Refused("cannot be read: \(systemError(failure))") }
        return bytes
    }

    private static func contains(_ text: String, _ bytes: [UInt8]) -> Bool {
        let wanted = Array(text.utf8)
        return bytes.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress, let first = wanted.first else { return false }
            var rest = bytes[...]
            while rest.count >= wanted.count, let found = memchr(start + rest.startIndex, Int32(first), rest.count) {
                let index = found - UnsafeMutableRawPointer(mutating: start)
                if bytes.count - index >= wanted.count, memcmp(found, wanted, wanted.count) == 0 { return true }
                rest = bytes[(index + 1)...]
            }
            return false
        }
    }

    static func resolvedPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func parentDirectory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.utf8.startIndex else { return "/" }
        return String(path[..<slash])
    }
}

/// The C library's words for an error number.
func systemError(_ number: Int32 = errno) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
}
