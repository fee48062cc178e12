import CLibpq

/// The servers that a libpq URI names, so that some of them can be passed over.
struct ServerAddresses {
    struct Server: Equatable {
        var host: String
        /// Empty: the usual one.
        var port: String
    }

    /// Empty for a URI that names them by `hostaddr` or not at all, whose servers cannot be told apart here.
    private(set) var servers: [Server] = []

    /// A text that libpq cannot read has no servers; libpq says so itself when it is to connect.
    init(_ url: String) {
        guard let options = PQconninfoParse(url, nil) else { return }
        defer { PQconninfoFree(options) }
        var lists: [String: [String]] = [:]
        var next = options
        while let keyword = next.pointee.keyword {
            if let value = next.pointee.val {
                lists[String(cString: keyword)] = String(cString: value).split(
                    separator: ",", omittingEmptySubsequences: false
                ).map(String.init)
            }
            next += 1
        }
        guard lists["hostaddr"] == nil, let hosts = lists["host"] else { return }
        let ports = lists["port"] ?? [""]
        // One port is for all hosts; libpq refuses any other difference in number.
        servers = hosts.enumerated().map { index, host in
            Server(host: host, port: ports.count > index ? ports[index] : ports[0])
        }
    }

    /// host, port: as libpq tells them of a connection.
    func without(_ passedOver: [Server]) -> [Server] {
        servers.filter { server in
            !passedOver.contains { $0.host == server.host && (server.port.isEmpty || $0.port == server.port) }
        }
    }
}
