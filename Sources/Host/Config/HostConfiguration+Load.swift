import Crypto
import Domain

extension HostConfiguration {
    /// What the configuration is wanted for, which decides what must not be missing.
    package enum Purpose: Sendable, CaseIterable {
        /// Database, broker and master key.
        case serve
        /// The database.
        case migrate
        /// Nothing.
        case plugins
    }

    /// Environment over file over defaults. An empty variable counts as not set.
    /// file: a path, JSON5; nil: no file. Every problem is collected before the error is thrown.
    package static func load(file: String?, environment: [String: String], purpose: Purpose = .serve)
        throws(ConfigurationError) -> HostConfiguration
    {
        var loader = ConfigurationLoader(environment: environment.filter { !$0.value.isEmpty })
        if let file { loader.takeFile(file) }
        loader.takeEnvironment()
        loader.takeKeys()
        loader.checkTogether()
        loader.checkPresent(for: purpose)
        guard loader.problems.isEmpty else { throw ConfigurationError(loader.problems) }
        return loader.configuration
    }
}

/// Puts a configuration together and collects what is wrong.
struct ConfigurationLoader {
    private(set) var configuration = HostConfiguration()
    private(set) var problems: [String] = []
    private let environment: [String: String]
    private let settings = Setting.all

    init(environment: [String: String]) { self.environment = environment }

    // MARK: The file

    mutating func takeFile(_ path: String) {
        switch readFile(path) {
        case .failure(let problem): problems.append("The configuration file \(path) cannot be read: \(problem.reason).")
        case .success(let bytes): takeText(bytes, from: path)
        }
    }

    mutating func takeText(_ bytes: [UInt8], from path: String) {
        do {
            let root = try ConfigurationNode(json5: bytes)
            guard case .object(let members) = root.content else {
                problems.append("The configuration file \(path) must hold one object in braces.")
                return
            }
            take(members, group: "", from: path)
        } catch {
            problems.append("\(path), line \(error.line): \(error.reason).")
        }
    }

    private mutating func take(_ members: [(name: String, node: ConfigurationNode)], group: String, from path: String) {
        for (name, node) in members {
            let fullName = group + name
            let place = "(\(path), line \(node.line))"
            if let setting = settings.first(where: { $0.name == fullName }) {
                apply(setting, node.settingValue, place: place)
            } else if group.isEmpty, settings.contains(where: { $0.name.hasPrefix(name + ".") }) {
                guard case .object(let inner) = node.content else {
                    problems.append("\(name) must be an object in braces \(place).")
                    continue
                }
                take(inner, group: name + ".", from: path)
            } else {
                let nearest = nearestName(to: fullName, among: settings.map(\.name))
                problems.append(
                    "\(fullName) is not a setting" + (nearest.map { "; did you mean \($0)?" } ?? "") + " \(place).")
            }
        }
    }

    private mutating func apply(_ setting: Setting, _ value: SettingValue, place: String) {
        guard !setting.apply(&configuration, value) else { return }
        let hidden = (setting.culprit(value).map { $0 + " " } ?? "") + "is something else"
        let shown = setting.isSecret ? hidden : "is \(value.description)"
        problems.append("\(setting.name) must be \(setting.rule), but \(shown) \(place).")
    }

    // MARK: The environment

    mutating func takeEnvironment() {
        for setting in settings {
            let name = setting.environmentName
            guard let text = setting.isSecret ? secret(name) : environment[name] else { continue }
            apply(setting, setting.value(fromEnvironment: text), place: "(environment, \(name))")
        }
    }

    /// The variable's text, or that of the file named by the variable with `_FILE` behind it.
    private mutating func secret(_ name: String) -> String? {
        let path = environment[name + "_FILE"]
        if let text = environment[name] {
            if path != nil { problems.append("Only one of \(name) and \(name)_FILE may be set.") }
            return trimmed(text)
        }
        return path.flatMap { secret(inFile: $0, named: name + "_FILE") }
    }

    private mutating func secret(inFile path: String, named name: String) -> String? {
        switch readFile(path) {
        case .success(let bytes): return trimmed(String(decoding: bytes, as: UTF8.self))
        case .failure(let problem):
            problems.append("The file \(path), named by \(name), cannot be read: \(problem.reason).")
            return nil
        }
    }

    // MARK: Keys

    /// The master keys are not settings of the file: it would be copied about with them in it.
    mutating func takeKeys() {
        let current: String?
        if environment["HOOKSENTRY_MASTER_KEY"] == nil, !configuration.masterKeyFile.isEmpty {
            current = secret(inFile: configuration.masterKeyFile, named: "master_key_file")
        } else {
            current = secret("HOOKSENTRY_MASTER_KEY")
        }
        if let current, let key = key(current, named: "HOOKSENTRY_MASTER_KEY") { configuration.masterKey = key }
        guard let older = secret("HOOKSENTRY_OLDER_MASTER_KEYS") else { return }
        for text in older.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            if let key = key(String(text), named: "HOOKSENTRY_OLDER_MASTER_KEYS") {
                configuration.olderMasterKeys.append(key)
            }
        }
    }

    private mutating func key(_ text: String, named name: String) -> [UInt8]? {
        guard let key = Base64.decode(text) else {
            problems.append("\(name) is not Base64: make one with `openssl rand -base64 32`.")
            return nil
        }
        do {
            _ = try Vault(masterKey: key)
            return key
        } catch {
            problems.append("\(name) is refused. \(error) Make one with `openssl rand -base64 32`.")
            return nil
        }
    }

    // MARK: Rules between settings

    mutating func checkTogether() {
        let limits = configuration.limits
        func atMost(_ small: Int, _ smallName: String, _ large: Int, _ largeName: String) -> String? {
            small <= large
                ? nil : "limits.\(smallName) (\(small)) must not be more than limits.\(largeName) (\(large))."
        }
        problems += [
            atMost(
                limits.responseBodyKept, "response_body_kept_bytes", limits.responseBodyBytes, "response_body_bytes"),
            atMost(limits.acceptBatchEvents, "accept_batch_events", limits.acceptQueueEvents, "accept_queue_events"),
            atMost(limits.ingestBodyBytes, "ingest_body_bytes", limits.acceptQueueBytes, "accept_queue_bytes"),
            atMost(limits.batchBodyBytes, "batch_body_bytes", limits.acceptQueueBytes, "accept_queue_bytes"),
            atMost(limits.ingestBodyBytes, "ingest_body_bytes", limits.arrivingBytes, "arriving_bytes"),
            atMost(limits.batchBodyBytes, "batch_body_bytes", limits.arrivingBytes, "arriving_bytes"),
            atMost(limits.managementBodyBytes, "management_body_bytes", limits.arrivingBytes, "arriving_bytes"),
            atMost(limits.listPayloadBytes, "list_payload_bytes", limits.answerBytes, "answer_bytes"),
            atMost(
                limits.managementRequestsPerTenant, "management_requests_per_tenant", limits.managementRequests,
                "management_requests"),
            atMost(limits.batchEvents, "batch_events", limits.acceptQueueEvents, "accept_queue_events"),
            atMost(limits.ingestBodyBytes, "ingest_body_bytes", limits.dispatcherBytes, "dispatcher_bytes"),
            atMost(
                Int(limits.connectTimeout.inMilliseconds), "connect_timeout_ms",
                Int(limits.deliveryTimeout.inMilliseconds), "delivery_timeout_ms"),
        ].compactMap { $0 }
    }

    /// A value that was given and refused is not reported as missing, too.
    mutating func checkPresent(for purpose: HostConfiguration.Purpose) {
        func isGiven(_ name: String) -> Bool { problems.contains { $0.contains(name) } }
        func require(_ isMissing: Bool, _ name: String, _ setting: String, _ what: String) {
            guard isMissing, !isGiven(name), !isGiven(setting) else { return }
            problems.append("\(what) is missing: set \(name) or \(name)_FILE.")
        }
        if purpose != .plugins {
            require(configuration.databaseURL.isEmpty, "HOOKSENTRY_DATABASE_URL", "database_url", "The database's URI")
        }
        if purpose == .serve {
            require(configuration.amqpURL.isEmpty, "HOOKSENTRY_AMQP_URL", "amqp_url", "The broker's URI")
            require(configuration.masterKey.isEmpty, "HOOKSENTRY_MASTER_KEY", "master_key_file", "The master key")
        }
    }
}
