import CSandbox
import Glibc

/// What a child gives up before it loads a library, and what more once it has. Nothing of it can be undone.
///
/// docs/plugins/isolation.md says in plain words what this stops and what it does not.
enum Confinement {
    /// Where shared libraries are, on every system. The directories of what is loaded already come in addition.
    private static let libraryDirectories = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"]

    /// Of the main thread, whose stack grows by itself and is not counted as data.
    private static let stackBytesMax: UInt64 = 8 << 20

    /// Limits, files and system calls for the time of loading.
    static func begin(_ orders: ChildOrders) throws(Refused) {
        guard chdir("/") == 0 else { throw failed("to leave its working directory") }
        umask(0o777)
        let data = UInt64(privateBytes() + orders.memoryBytes)
        let limits = [
            (sandbox_memory, data), (sandbox_stack_bytes, stackBytesMax),
            (sandbox_open_files, UInt64(orders.openFiles)), (sandbox_file_bytes, 0),
            (sandbox_core_bytes, 0), (sandbox_locked_bytes, 0),
        ]
        for (resource, most) in limits where sandbox_limit(Int32(resource), most) != 0 { throw failed("its limits") }
        guard sandbox_gain_nothing() == 0 else { throw failed("to give up new privileges") }
        try restrictFiles(orders.library)
        guard sandbox_filter_system_calls(1) == 0 else { throw failed("a filter of system calls") }
    }

    /// No files and no threads from here on.
    static func complete() throws(Refused) {
        guard sandbox_filter_system_calls(0) == 0 else { throw failed("a second filter of system calls") }
    }

    /// Only libraries can be read: a library's initialisers run before anything else can stop them. A kernel without
    /// Landlock leaves them every file that the host's user may read.
    private static func restrictFiles(_ library: String) throws(Refused) {
        let rules = sandbox_landlock_begin()
        guard rules >= 0 else { return }
        for directory in Set(libraryDirectories + loadedDirectories() + [LibraryFile.parentDirectory(of: library)]) {
            sandbox_landlock_allow(rules, directory, 1)
        }
        for file in ["/etc/ld.so.cache", "/dev/null"] { sandbox_landlock_allow(rules, file, 0) }
        guard sandbox_landlock_enforce(rules) == 0 else { throw failed("rules for files") }
    }

    /// The directories of every library that this process has loaded (proc(5), maps); its own executable's is not
    /// among them.
    private static func loadedDirectories() -> [String] {
        let paths = Set(
            text("/proc/self/maps").split(separator: "\n").compactMap { line in
                line.firstIndex(of: "/").map { String(line[$0...]) }
            })
        return paths.filter { $0.contains(".so") }.map { LibraryFile.parentDirectory(of: $0) }
    }

    /// Bytes of private memory this process has by now (proc(5), statm, the sixth number, in pages).
    private static func privateBytes() -> Int {
        let numbers = text("/proc/self/statm").split(separator: " ")
        return (numbers.count > 5 ? Int(numbers[5]) ?? 0 : 0) * sysconf(Int32(_SC_PAGESIZE))
    }

    /// What the kernel tells about this process; empty if it does not.
    private static func text(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func failed(_ what: String) -> Refused {
        Refused("cannot be isolated on this system, which refused \(what): \(systemError())")
    }
}
