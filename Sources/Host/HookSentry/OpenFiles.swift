import Glibc

/// Each connection is an open file, and the usual soft limit of 1,024 is less than the connections this process may
/// hold: to clients, to destinations, to the store and the broker.
enum OpenFiles {
    /// Raises the soft limit to the hard one. Returns what it is then.
    @discardableResult
    static func raiseLimit() -> Int {
        let resource = __rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue))
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 0 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
        getrlimit(resource, &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
