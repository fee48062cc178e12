import Crypto
import Domain
import Testing

@testable import Config

@Suite struct HostConfigurationTests {
    @Test func `with nothing but what is required, everything has its default`() throws {
        var expected = HostConfiguration()
        expected.databaseURL = "postgresql://app:pg-password@db/hooksentry"
        expected.amqpURL = "amqp://app:mq-password@broker/"
        expected.masterKey = Array(1...32)
        #expect(try HostConfiguration.load(file: nil, environment: requiredEnvironment) == expected)
        #expect(try load() == expected)
    }

    @Test func `the file sets what it names`() throws {
        let configuration = try load(
            """
            {
                // A comment.
                roles: ['worker'], "listen": "[::1]:0", allow_http: true, /* another */
                allowed_cidrs: ["127.0.0.1/8", "fd00::/8"], shutdown_grace_ms: 0x10,
                log_level: "DEBUG", queue_type: "quorum", shard_count: 32.0,
                limits: { connect_timeout_ms: 1500, idempotency_window_s: 3600, response_body_kept_bytes: 0 },
            }
            """)
        #expect(configuration.roles == [.worker])
        #expect(configuration.listen == ListenAddress(host: "::1", port: 0))
        #expect(configuration.allowHTTP)
        #expect(configuration.allowedCIDRs.map(\.description) == ["127.0.0.0/8", "fd00::/8"])
        #expect(configuration.shutdownGrace == .milliseconds(16))
        #expect(configuration.logLevel == .debug)
        #expect(configuration.queueType == .quorum)
        #expect(configuration.shardCount == 32)
        #expect(configuration.limits.connectTimeout == .milliseconds(1_500))
        #expect(configuration.limits.idempotencyWindow == .seconds(3_600))
        #expect(configuration.limits.responseBodyKept == 0)
        #expect(configuration.limits.connections == Limits().connections)
    }

    @Test func `the environment wins over the file, which wins over the defaults`() throws {
        let text = #"{ listen: "127.0.0.1:1", log_level: "error" }"#
        let configuration = try load(
            text,
            [
                "HOOKSENTRY_LISTEN": "127.0.0.1:2", "HOOKSENTRY_ALLOW_HTTP": "true",
                "HOOKSENTRY_ALLOWED_CIDRS": "127.0.0.0/8, ::1", "HOOKSENTRY_PLUGIN_DIRS": "/a:/b",
                "HOOKSENTRY_LIMITS_CONNECTIONS": "7", "HOOKSENTRY_MIGRATE_ON_START": "1", "HOOKSENTRY_LOG_LEVEL": "",
            ])
        #expect(configuration.listen.port == 2)
        #expect(configuration.logLevel == .error)
        #expect(configuration.allowHTTP && configuration.migrateOnStart)
        #expect(configuration.allowedCIDRs == ["127.0.0.0/8", "::1/128"].compactMap { AddressRange($0) })
        #expect(configuration.pluginDirs == ["/a", "/b"])
        #expect(configuration.limits.connections == 7)
        #expect(configuration.logFormat == .auto)
    }

    @Test func `secrets may stand in files`() throws {
        try withFile("  postgresql://from-file/db\n") { database in
            try withFile(Base64.encode(Array(2...33)) + "\n") { key in
                let environment = [
                    "HOOKSENTRY_DATABASE_URL": "", "HOOKSENTRY_DATABASE_URL_FILE": database,
                    "HOOKSENTRY_MASTER_KEY": "", "HOOKSENTRY_MASTER_KEY_FILE": key,
                ]
                let configuration = try load("{}", environment)
                #expect(configuration.databaseURL == "postgresql://from-file/db")
                #expect(configuration.masterKey == Array(2...33))
                let fromSetting = try load(#"{ master_key_file: "\#(key)" }"#, ["HOOKSENTRY_MASTER_KEY": ""])
                #expect(fromSetting.masterKey == Array(2...33))
            }
        }
        #expect(
            try problems("{}", ["HOOKSENTRY_MASTER_KEY_FILE": "/nowhere"])
                == ["Only one of HOOKSENTRY_MASTER_KEY and HOOKSENTRY_MASTER_KEY_FILE may be set."])
        #expect(
            try problems("{}", ["HOOKSENTRY_AMQP_URL": "", "HOOKSENTRY_AMQP_URL_FILE": "/nowhere/x"])
                == [
                    "The file /nowhere/x, named by HOOKSENTRY_AMQP_URL_FILE, cannot be read: no such file or directory."
                ])
    }

    @Test(arguments: [
        (Base64.encode([UInt8](repeating: 0, count: 32)), "the same"),
        (Base64.encode([UInt8](repeating: 0x5a, count: 32)), "the same"),
        (Base64.encode(Array(1...31)), "31 bytes"), ("not base64!", "not Base64"), (Base64.encode([1]), "1 bytes"),
    ])
    func `a weak master key is refused without showing it`(key: String, reason: String) throws {
        let problems = try problems("{}", ["HOOKSENTRY_MASTER_KEY": key])
        #expect(problems.count == 1)
        #expect(problems.first?.contains(reason) == true)
        #expect(problems.first?.contains("HOOKSENTRY_MASTER_KEY") == true)
        #expect(problems.first?.contains(key) == false)
    }

    @Test func `older master keys are a list`() throws {
        let older = [Base64.encode(Array(3...34)), Base64.encode(Array(4...35))]
        let configuration = try load("{}", ["HOOKSENTRY_OLDER_MASTER_KEYS": older.joined(separator: ", ")])
        #expect(configuration.olderMasterKeys == [Array(3...34), Array(4...35)])
        #expect(try problems("{}", ["HOOKSENTRY_OLDER_MASTER_KEYS": older[0] + ",x"]).count == 1)
    }

    @Test func `each purpose asks for what it needs`() throws {
        func missing(_ purpose: HostConfiguration.Purpose) -> [String] {
            do throws(ConfigurationError) {
                _ = try HostConfiguration.load(file: nil, environment: [:], purpose: purpose)
                return []
            } catch {
                return error.problems
            }
        }
        #expect(
            missing(.serve) == [
                "The database's URI is missing: set HOOKSENTRY_DATABASE_URL or HOOKSENTRY_DATABASE_URL_FILE.",
                "The broker's URI is missing: set HOOKSENTRY_AMQP_URL or HOOKSENTRY_AMQP_URL_FILE.",
                "The master key is missing: set HOOKSENTRY_MASTER_KEY or HOOKSENTRY_MASTER_KEY_FILE.",
            ])
        #expect(missing(.migrate).count == 1)
        #expect(missing(.plugins) == [])
    }

    @Test(arguments: [
        (#"{ listne: "x" }"#, "listne is not a setting; did you mean listen? (FILE, line 1)."),
        (
            "{\n limits: {\n ingest_body_byte: 1 } }",
            "limits.ingest_body_byte is not a setting; did you mean limits.ingest_body_bytes? (FILE, line 3)."
        ),
        ("{ zzzzzzzzzz: 1 }", "zzzzzzzzzz is not a setting (FILE, line 1)."),
        (
            #"{ limits: { json_depth: "abc" } }"#,
            #"limits.json_depth must be a whole number from 1 to 512 (levels), but is "abc" (FILE, line 1)."#
        ),
        (
            "{ limits: { json_depth: 1.5 } }",
            "limits.json_depth must be a whole number from 1 to 512 (levels), but is 1.5 (FILE, line 1)."
        ),
        (
            "{ limits: { json_depth: 0 } }",
            "limits.json_depth must be a whole number from 1 to 512 (levels), but is 0 (FILE, line 1)."
        ),
        ("{ limits: 3 }", "limits must be an object in braces (FILE, line 1)."),
        ("{ allow_http: 1 }", "allow_http must be true or false, but is 1 (FILE, line 1)."),
        ("{ allow_http: null }", "allow_http must be true or false, but is null (FILE, line 1)."),
        (
            #"{ log_level: "loud" }"#,
            #"log_level must be one of "debug", "info", "warning", "error", but is "loud" (FILE, line 1)."#
        ),
        (#"{ roles: [] }"#, #"roles must be a list of "api", "worker" or both, but is [] (FILE, line 1)."#),
        (
            #"{ allowed_cidrs: ["10.0.0.0/33"] }"#,
            #"allowed_cidrs must be a list of IP addresses or blocks such as "10.0.0.0/8", "#
                + #"but is ["10.0.0.0/33"] (FILE, line 1)."#
        ),
        (
            #"{ plugin_dirs: ["lib"] }"#,
            #"plugin_dirs must be a list of absolute paths, but is ["lib"] (FILE, line 1)."#
        ),
        (
            #"{ cors_origin: "https://app.example.org/" }"#,
            #"cors_origin must be an origin such as "https://app.example.org", without a path, or empty, "#
                + #"but is "https://app.example.org/" (FILE, line 1)."#
        ),
        (
            "{ limits: { connect_timeout_ms: 40000 } }",
            "limits.connect_timeout_ms (40000) must not be more than limits.delivery_timeout_ms (30000)."
        ),
        (
            "{ limits: { ingest_body_bytes: 68000000, dispatcher_bytes: 70000000 } }",
            "limits.ingest_body_bytes (68000000) must not be more than limits.accept_queue_bytes (67108864)."
        ),
        ("[]", "The configuration file FILE must hold one object in braces."),
        ("{\n\n a: 1,,\n}", "FILE, line 3: \",\" stands where a name or a value should be."),
    ])
    func `what is wrong is told in one sentence`(text: String, sentence: String) throws {
        #expect(try problems(text) == [sentence])
    }

    @Test func `all problems come at once`() throws {
        let found = try problems(
            "{ listen: 5, shard_count: 0, nonsense_here_entirely: 1 }",
            ["HOOKSENTRY_ALLOW_HTTP": "perhaps", "HOOKSENTRY_AMQP_URL": "", "HOOKSENTRY_MASTER_KEY": "x"])
        #expect(found.count == 6)
        #expect(
            found.contains(#"allow_http must be true or false, but is "perhaps" (environment, HOOKSENTRY_ALLOW_HTTP)."#)
        )
    }

    @Test func `a refused address shows no password`() throws {
        let found = try problems("{}", ["HOOKSENTRY_DATABASE_URL": "mysql://app:secret-word@db/x"])
        #expect(
            found == [
                "database_url must be a URI that begins with postgresql:// or postgres://, but is something else"
                    + " (environment, HOOKSENTRY_DATABASE_URL)."
            ])
    }

    @Test func `several brokers are a list, and a wrong one is named without its password`() throws {
        let good = "amqp://a:one@b1:5672/v, amqps://a:two@b2/v"
        #expect(try load("{}", ["HOOKSENTRY_AMQP_URL": good]).amqpURL == good)
        for (wrong, entry) in [("amqp://a:s3cret@b1/,b2:s3cret", "entry 2 of 2 "), ("amqp://b1,", "entry 2 of 2 "),
            ("s3cret", ""), ("amqp://a:s3,cret@b1/,amqp://b2", "entry 2 of 3 ")]
        {
            #expect(
                try problems("{}", ["HOOKSENTRY_AMQP_URL": wrong])
                    == [
                        "amqp_url must be a URI that begins with amqp:// or amqps://, or several separated by commas"
                            + " (one within a URI is %2C), but \(entry)is something else"
                            + " (environment, HOOKSENTRY_AMQP_URL)."
                    ])
        }
    }

    @Test func `a file that cannot be read is a problem`() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try HostConfiguration.load(file: "/nowhere/hooksentry.json", environment: requiredEnvironment)
        }
        #expect(
            error?.problems
                == ["The configuration file /nowhere/hooksentry.json cannot be read: no such file or directory."])
    }

    @Test(arguments: [
        ("127.0.0.1:5143", "127.0.0.1:5143"), ("[::1]:80", "[::1]:80"), ("0.0.0.0:0", "0.0.0.0:0"),
        ("localhost:65535", "localhost:65535"),
    ])
    func `listen addresses are read and written`(text: String, written: String) {
        #expect(ListenAddress(text)?.description == written)
    }

    @Test(arguments: ["", "5143", ":5143", "::1:5143", "[::1]", "[x]:1", "a:b", "a:65536", "a:+1", "a b:1", "a:"])
    func `other listen addresses are refused`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test func `plugins are looked for beside the executable unless told otherwise`() {
        var configuration = HostConfiguration()
        #expect(configuration.pluginDirectories(besideExecutable: "/srv/x/hooksentry") == ["/srv/x"])
        #expect(
            configuration.pluginDirectories(besideExecutable: "/usr/bin/hooksentry")
                == ["/usr/bin", "/usr/lib/hooksentry", "/usr/lib/hooksentry/plugins"])
        configuration.pluginDirs = ["/p"]
        #expect(configuration.pluginDirectories(besideExecutable: "/usr/bin/hooksentry") == ["/p"])
    }
}
