import Foundation
import Testing

@testable import PluginHost

@Suite("Which files may be loaded")
struct LibraryFileTests {
    private func reasons(_ directory: String, digests: [String]? = nil) -> [String] {
        let registry = PluginRegistry(directories: [directory], digestAllowList: digests)
        registry.load()
        #expect(registry.refusals.isEmpty || registry.components.isEmpty)
        return registry.refusals.map(\.reason)
    }

    @Test("A file that others can write is refused", arguments: [
        (0o775, "is writable by its group"), (0o757, "is writable by everybody"),
    ])
    func writableFile(mode: mode_t, reason: String) throws {
        let directory = try TemporaryDirectory()
        chmod(try directory.add(fault: "late"), mode)
        #expect(reasons(directory.path) == [reason])
    }

    @Test("A directory that others can write is refused as a whole", arguments: [
        (0o775, "is writable by its group"), (0o757, "is writable by everybody"),
    ])
    func writableDirectory(mode: mode_t, reason: String) throws {
        let directory = try TemporaryDirectory()
        try directory.add(fault: "late")
        chmod(directory.path, mode)
        #expect(reasons(directory.path) == [reason])
    }

    @Test("A relative directory is refused, whatever the working folder holds")
    func relative() {
        #expect(reasons(".") == ["is not an absolute path"])
    }

    @Test("A directory that is missing, or is none, is refused with the system's words")
    func missing() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.add(text: "", as: "file")
        #expect(reasons("\(directory.path)/absent") == ["cannot be read: No such file or directory"])
        #expect(reasons(file) == ["is not a directory"])
    }

    @Test("A symbolic link may point within its directory, and nowhere else")
    func links() throws {
        let outside = try TemporaryDirectory()
        let target = try outside.add(fault: "late")
        let directory = try TemporaryDirectory()
        symlink(target, "\(directory.path)/liboutside.so")
        #expect(reasons(directory.path) == ["is a symbolic link that leaves its directory (to \(target))"])

        symlink("liblate.so", "\(outside.path)/libinside.so")
        let registry = PluginRegistry(directories: [outside.path])
        registry.load()
        #expect(registry.components.map(\.name) == ["Fault.late"])
        #expect(registry.refusals == [])
    }

    @Test("A dangling link and a directory named like a library are refused")
    func oddFiles() throws {
        let directory = try TemporaryDirectory()
        symlink("nothing.so", "\(directory.path)/libdangling.so")
        mkdir("\(directory.path)/libfolder.so", 0o755)
        #expect(reasons(directory.path) == ["cannot be resolved: No such file or directory", "is not a regular file"])
    }

    @Test("A file of another user is refused", .enabled(if: geteuid() == 0, "only root can give files away"))
    func foreignFile() throws {
        let directory = try TemporaryDirectory()
        chown(try directory.add(fault: "late"), 12_345, 0)
        #expect(reasons(directory.path).first?.hasPrefix("is owned by user 12345") == true)
    }

    @Test("A file that cannot be read is refused", .enabled(if: geteuid() != 0, "root can read everything"))
    func unreadable() throws {
        let directory = try TemporaryDirectory()
        chmod(try directory.add(fault: "late"), 0o200)
        #expect(reasons(directory.path) == ["cannot be read: Permission denied"])
    }

    @Test("With a list of digests, only what is on it loads")
    func digests() throws {
        let directory = try TemporaryDirectory()
        try directory.add(fault: "late")
        let open = PluginRegistry(directories: [directory.path])
        open.load()
        let digest = try #require(open.components.first?.digest)
        #expect(reasons(directory.path, digests: [digest.uppercased()]) == [])
        #expect(reasons(directory.path, digests: []) == [
            "is not on the list of allowed digests (its SHA-256 is \(digest))"
        ])
    }

    @Test("A file that is no library at all is passed over, unless it names the entry function")
    func noLibrary() throws {
        let directory = try TemporaryDirectory()
        try directory.add(text: "hello", as: "libhello.so")
        #expect(reasons(directory.path) == [])
        try directory.add(text: "hks_plugin_entry", as: "libnames.so")
        let found = reasons(directory.path)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("was refused by the dynamic linker: ") == true)
    }

    @Test("What came from a directory that a link led to stays when the link leads nowhere any more")
    func lostLink() throws {
        let (real, links) = (try TemporaryDirectory(), try TemporaryDirectory())
        try real.add(fault: "late")
        let link = "\(links.path)/plugins"
        try #require(symlink(real.path, link) == 0)
        let registry = PluginRegistry(directories: [link])
        registry.load()
        #expect(registry.components.map(\.name) == ["Fault.late"])
        try #require(unlink(link) == 0)
        // More than once: what is kept must still be known the next time.
        for _ in 0..<2 {
            registry.load()
            #expect(registry.components.map(\.name) == ["Fault.late"])
            #expect(registry.refusals.map(\.library) == [link])
            #expect(registry.refusals.first?.reason.hasSuffix("keeps serving") == true)
        }
    }

    @Test("Only lib*.so is looked at, and ignored prefixes are passed over")
    func names() throws {
        let directory = try TemporaryDirectory()
        try directory.add(fault: "late", as: "late.so")
        try directory.add(fault: "late", as: "liblate.so.1")
        try directory.add(fault: "wrong_magic", as: "libFault_wrong_magic.so")
        let registry = PluginRegistry(directories: [directory.path], ignoredPrefixes: ["libFault_"])
        registry.load()
        #expect(registry.components.isEmpty)
        #expect(registry.refusals == [])
    }
}
