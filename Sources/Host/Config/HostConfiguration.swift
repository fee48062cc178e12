import Domain

/// All that an operator can set, with its defaults. Each property has the setting's name in camel case.
package struct HostConfiguration: Sendable, Equatable {
    package enum Role: String, CaseIterable, Sendable { case api, worker }

    /// Names a queue's kind as RabbitMQ does.
    package enum QueueType: String, CaseIterable, Sendable { case classic, quorum }

    package enum PluginIsolation: String, CaseIterable, Sendable {
        /// Libraries that came with the host run in it, all others in processes of their own.
        case auto
        case process
        case inProcess = "in-process"
    }

    package enum LogLevel: String, CaseIterable, Sendable { case debug, info, warning, error }

    package enum LogFormat: String, CaseIterable, Sendable {
        /// Text on a terminal, JSON elsewhere.
        case auto
        case json, text
    }

    /// Which of several processes a line of the log is from. Empty: the host's name.
    package var instanceName = ""
    package var roles = Role.allCases
    package var listen = ListenAddress(host: "127.0.0.1", port: 5143)
    /// A libpq URI. Empty only if the purpose of loading did not ask for it.
    package var databaseURL = ""
    /// An AMQP URI. Empty only if the purpose of loading did not ask for it.
    package var amqpURL = ""
    /// Where the master key is read from, unless the environment holds it. Empty: nowhere.
    package var masterKeyFile = ""
    package var migrateOnStart = false
    /// Days after which events and their attempts are dropped; 0: never.
    package var eventRetentionDays = 90
    package var shutdownGrace = Duration.seconds(20)

    /// The one origin whose browsers may use the management API. Empty: none.
    package var corsOrigin = "https://app.hooksentry.com"
    /// Peers whose forwarding headers are believed.
    package var trustedProxies: [AddressRange] = []

    /// Ranges that requests may go to in spite of the address rules.
    package var allowedCIDRs: [AddressRange] = []
    package var allowHTTP = false

    /// Absolute paths. Empty: see `pluginDirectories(besideExecutable:)`.
    package var pluginDirs: [String] = []
    /// SHA-256 digests in lower-case hexadecimal; libraries with another one are not loaded. Empty: any digest.
    package var pluginDigests: [String] = []

    /// Whether libraries run in processes of their own.
    package var pluginIsolation = PluginIsolation.auto
    /// Libraries that are an exception to that.
    package var pluginIsolationByLibrary: [LibraryIsolation] = []

    /// Opens the routes for operators. Empty: they are closed.
    package var operatorToken = ""

    package var queueType = QueueType.classic
    /// Fixed when the database is created.
    package var shardCount = 16

    package var logLevel = LogLevel.info
    package var logFormat = LogFormat.auto
    package var limits = Limits()

    /// 32 bytes. Empty only if the purpose of loading did not ask for it.
    package var masterKey: [UInt8] = []
    /// Keys of before a rotation, for opening what was sealed under them.
    package var olderMasterKeys: [[UInt8]] = []

    package init() {}

    /// Where the libraries are that came with the host: beside the executable, and in `lib` next to its folder if that
    /// is how it was installed.
    /// path: of the executable, absolute.
    package static func shippedPluginDirectories(besideExecutable path: String) -> [String] {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        guard folder.hasSuffix("/bin") else { return [folder.isEmpty ? "/" : folder] }
        return [folder, folder.dropLast(4) + "/lib/hooksentry"]
    }

    /// Where to look for plugins: as configured, or else where those are that came with the host.
    /// path: of the executable, absolute.
    package func pluginDirectories(besideExecutable path: String) -> [String] {
        guard pluginDirs.isEmpty else { return pluginDirs }
        let shipped = Self.shippedPluginDirectories(besideExecutable: path)
        // An installation has a place for everybody else's plugins, too; these are not trusted like its own.
        return shipped.count > 1 ? shipped + [shipped[1] + "/plugins"] : shipped
    }
}

/// How one library runs: `libPartnerStamp.so=in-process`.
package struct LibraryIsolation: Sendable, Equatable {
    /// The file's name without its directory.
    package var library: String
    package var isIsolated: Bool

    package init?(_ text: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[0].contains("/"),
            let mode = HostConfiguration.PluginIsolation(rawValue: String(parts[1])), mode != .auto
        else { return nil }
        library = String(parts[0])
        isIsolated = mode == .process
    }
}

extension LibraryIsolation: CustomStringConvertible {
    package var description: String { "\(library)=\(isIsolated ? "process" : "in-process")" }
}

/// Where the HTTP server listens.
package struct ListenAddress: Sendable, Equatable {
    /// A numeric address, IPv6 without brackets, or a name of this machine.
    package var host: String
    /// 0: the kernel chooses.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// From `127.0.0.1:5143` or `[::1]:5143`.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard IPAddress(host) != nil else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains(where: \.isWhitespace), digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let port = Int(digits), port < 65_536
        else { return nil }
        self.init(host: String(host), port: port)
    }
}

extension ListenAddress: CustomStringConvertible {
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
