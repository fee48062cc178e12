import Glibc

/// What a process has besides memory: a plugin leaves it as it was.
struct Footprint: Equatable {
    private var threads: Set<String>
    private var files: [String: String]
    private var handlers: [Int32: UInt]
    private var folder: String

    /// As it is now.
    init() {
        threads = Set(Self.entries("/proc/self/task"))
        files = [:]
        for entry in Self.entries("/proc/self/fd") {
            // The folder that is being read is open itself, but not any more when its link is looked at.
            if let target = Self.link("/proc/self/fd/\(entry)") { files[entry] = target }
        }
        handlers = [:]
        // Those before the real-time signals, of which the C library keeps some for itself.
        for signal in Int32(1)...31 {
            var action = sigaction()
            guard sigaction(signal, nil, &action) == 0 else { continue }
            handlers[signal] = unsafeBitCast(action.__sigaction_handler, to: UInt.self)
        }
        folder = Self.link("/proc/self/cwd") ?? ""
    }

    /// What is different now, in the words that follow a name; nil: nothing that lasts.
    func complaint(since before: Footprint) -> String? {
        if let signal = handlers.keys.sorted().first(where: { handlers[$0] != before.handlers[$0] }) {
            return "installed a handler for signal \(signal)"
        }
        if folder != before.folder { return "changed the working folder" }
        let opened = files.keys.filter { before.files[$0] == nil }.sorted()
        if let first = opened.first { return "left \(opened.count) files open, \(files[first] ?? "") for one" }
        let started = threads.subtracting(before.threads).count
        if started > 0 { return "left \(started) threads running" }
        return nil
    }

    private static func entries(_ path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func link(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
