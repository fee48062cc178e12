import Domain

extension Setting {
    /// Every setting, in the order of the shipped file.
    static var all: [Setting] { general + limits }

    private static var general: [Setting] {
        [
            .text(
                "instance_name", \.instanceName, rule: "at most 63 letters, digits, dots, dashes and underscores",
                read: { isName($0) ? $0 : nil }, write: { $0 }),
            .list(
                "roles", \.roles, rule: "a list of \"api\", \"worker\" or both", mayBeEmpty: false,
                read: { HostConfiguration.Role(rawValue: $0) }, write: { $0.rawValue }),
            .text(
                "listen", \.listen, rule: "an address and a port, such as \"127.0.0.1:5143\" or \"[::1]:5143\"",
                read: { ListenAddress($0) }, write: { $0.description }),
            .text(
                "database_url", \.databaseURL, rule: "a URI that begins with postgresql:// or postgres://",
                isSecret: true, read: { isURI($0, ["postgresql://", "postgres://"]) ? $0 : nil }, write: { $0 }),
            brokers,
            .text(
                "master_key_file", \.masterKeyFile, rule: "the path of a file", read: { $0 }, write: { $0 }),
            .text(
                "operator_token", \.operatorToken, rule: "32 to 512 printable characters without spaces",
                isSecret: true, read: { isOperatorToken($0) ? $0 : nil }, write: { $0 }),
            .flag("migrate_on_start", \.migrateOnStart),
            .number("event_retention_days", \.eventRetentionDays, 0...36_500, unit: "days"),
            .duration("shutdown_grace_ms", \.shutdownGrace, 0...600_000),
            .text(
                "cors_origin", \.corsOrigin,
                rule: "an origin such as \"https://app.example.org\", without a path, or empty",
                read: { isOrigin($0) ? $0 : nil }, write: { $0 }),
            .list(
                "trusted_proxies", \.trustedProxies, rule: rangesRule, read: { AddressRange($0) },
                write: { $0.description }),
            .list(
                "allowed_cidrs", \.allowedCIDRs, rule: rangesRule, read: { AddressRange($0) },
                write: { $0.description }),
            .flag("allow_http", \.allowHTTP),
            .list(
                "plugin_dirs", \.pluginDirs, rule: "a list of absolute paths", separator: ":",
                read: { $0.hasPrefix("/") ? $0 : nil }, write: { $0 }),
            .list(
                "plugin_digests", \.pluginDigests, rule: "a list of SHA-256 digests, 64 hexadecimal digits each",
                read: { isDigest($0) ? $0.lowercased() : nil }, write: { $0 }),
            .choice("plugin_isolation", \.pluginIsolation),
            .list(
                "plugin_isolation_by_library", \.pluginIsolationByLibrary,
                rule: "a list such as \"libName.so=process\" or \"libName.so=in-process\"",
                read: { LibraryIsolation($0) }, write: { $0.description }),
            .choice("queue_type", \.queueType),
            .number("shard_count", \.shardCount, 1...256),
            .choice("log_level", \.logLevel),
            .choice("log_format", \.logFormat),
        ]
    }

    private static var brokers: Setting {
        func wrongEntries(_ text: String) -> [Int] {
            guard !text.isEmpty else { return [] }
            let entries = text.split(separator: ",", omittingEmptySubsequences: false).map { trimmed($0) }
            return entries.indices.filter { entries[$0].isEmpty || !isURI(entries[$0], ["amqp://", "amqps://"]) }
        }
        var setting = Setting.text(
            "amqp_url", \.amqpURL,
            rule: "a URI that begins with amqp:// or amqps://, or several separated by commas"
                + " (one within a URI is %2C)",
            isSecret: true, read: { wrongEntries($0).isEmpty ? $0 : nil }, write: { $0 })
        setting.culprit = { value in
            guard case .text(let text) = value, text.contains(","), let first = wrongEntries(text).first else {
                return nil
            }
            return "entry \(first + 1) of \(text.count { $0 == "," } + 1)"
        }
        return setting
    }

    private static let rangesRule = "a list of IP addresses or blocks such as \"10.0.0.0/8\""
    private static let bytes = 1...1 << 30
    private static let counts = 1...1_000_000

    private static var limits: [Setting] {
        [
            .number("limits.ingest_body_bytes", \.limits.ingestBodyBytes, bytes, unit: "bytes"),
            .number("limits.batch_events", \.limits.batchEvents, 1...10_000, unit: "events"),
            .number("limits.batch_body_bytes", \.limits.batchBodyBytes, bytes, unit: "bytes"),
            .duration("limits.batch_mapping_ms", \.limits.batchMapping, 1...60_000),
            .number("limits.management_body_bytes", \.limits.managementBodyBytes, bytes, unit: "bytes"),
            .number("limits.management_requests", \.limits.managementRequests, 1...256, unit: "requests"),
            .number(
                "limits.management_requests_per_tenant", \.limits.managementRequestsPerTenant, 1...256,
                unit: "requests"),
            .number("limits.arriving_bytes", \.limits.arrivingBytes, bytes, unit: "bytes"),
            .number("limits.answer_bytes", \.limits.answerBytes, bytes, unit: "bytes"),
            .number("limits.request_header_bytes", \.limits.requestHeaderBytes, 1_024...1 << 20, unit: "bytes"),
            .number("limits.tenants_per_address", \.limits.tenantsPerAddress, counts, unit: "tenants"),
            .number("limits.login_failures", \.limits.loginFailures, counts, unit: "logins"),
            .duration("limits.login_window_s", \.limits.loginWindow, 1...86_400),
            .number("limits.registrations_per_address", \.limits.registrationsPerAddress, counts),
            .number("limits.test_events_per_minute", \.limits.testEventsPerMinute, counts),
            .number("limits.replays_per_tenant", \.limits.replaysPerTenant, counts),
            .number("limits.replay_rate", \.limits.replayRate, 1...2_000, unit: "events"),
            .number("limits.connections", \.limits.connections, counts),
            .duration("limits.request_timeout_ms", \.limits.requestTimeout, 100...3_600_000),
            .number("limits.json_depth", \.limits.jsonDepth, 1...512, unit: "levels"),
            .number("limits.accept_queue_events", \.limits.acceptQueueEvents, counts),
            .number("limits.accept_queue_bytes", \.limits.acceptQueueBytes, bytes, unit: "bytes"),
            .number("limits.accept_batch_events", \.limits.acceptBatchEvents, 1...10_000),
            .duration("limits.accept_linger_ms", \.limits.acceptLinger, 0...1_000),
            .number("limits.accept_linger_events", \.limits.acceptLingerEvents, 1...10_000),
            .number("limits.message_events", \.limits.messageEvents, 1...64),
            .duration("limits.publish_linger_ms", \.limits.publishLinger, 0...1_000),
            .number("limits.publish_linger_events", \.limits.publishLingerEvents, 1...10_000),
            .duration("limits.idempotency_window_s", \.limits.idempotencyWindow, 60...31_536_000),
            .number("limits.list_total_exact", \.limits.listTotalExact, 0...1_000_000, unit: "events"),
            .number("limits.list_rows_skipped", \.limits.listRowsSkipped, 0...1_000_000, unit: "rows"),
            .number("limits.list_payload_bytes", \.limits.listPayloadBytes, bytes, unit: "bytes"),
            .number("limits.list_attempts", \.limits.listAttempts, 1...100_000, unit: "attempts"),
            .duration("limits.connect_timeout_ms", \.limits.connectTimeout, 1...600_000),
            .duration("limits.delivery_timeout_ms", \.limits.deliveryTimeout, 1...3_600_000),
            .number("limits.response_body_bytes", \.limits.responseBodyBytes, bytes, unit: "bytes"),
            .number("limits.response_body_kept_bytes", \.limits.responseBodyKept, 0...1 << 20, unit: "bytes"),
            .number("limits.attempts_in_flight", \.limits.attemptsInFlight, counts),
            .number("limits.destination_queue_events", \.limits.destinationQueueEvents, counts),
            .number("limits.dispatcher_bytes", \.limits.dispatcherBytes, 1...1 << 40, unit: "bytes"),
            // The broker's protocol counts with 16 bits.
            .number("limits.prefetch_messages", \.limits.prefetchMessages, 1...65_535),
            .duration("limits.hand_over_grace_ms", \.limits.handOverGrace, 100...3_600_000),
            .duration("limits.shard_lease_ms", \.limits.shardLease, 1_000...300_000),
            .number("limits.breaker_threshold", \.limits.breakerThreshold, counts, unit: "failures"),
            .number("limits.settle_batch_events", \.limits.settleBatch, 1...10_000),
            .duration("limits.settle_linger_ms", \.limits.settleLinger, 0...1_000),
            .number("limits.settle_linger_events", \.limits.settleLingerEvents, 1...10_000),
            .duration("limits.settle_patience_ms", \.limits.settlePatience, 100...60_000),
            .number("limits.streams", \.limits.streams, counts),
            .number("limits.streams_per_tenant", \.limits.streamsPerTenant, counts),
            .duration("limits.stream_ping_ms", \.limits.streamPing, 100...600_000),
            .duration("limits.stream_poll_ms", \.limits.streamPoll, 10...10_000),
            .number("limits.stream_page_entries", \.limits.streamPageEntries, 1...10_000),
            .number("limits.stream_buffer_bytes", \.limits.streamBufferBytes, bytes, unit: "bytes"),
            .duration("limits.stream_stall_ms", \.limits.streamStall, 100...600_000),
            .duration("limits.stream_memory_s", \.limits.streamMemory, 10...86_400),
            .duration("limits.stream_ticket_s", \.limits.streamTicket, 1...3_600),
            .duration("limits.notification_retention_s", \.limits.notificationRetention, 3_600...315_360_000),
            .duration("limits.count_retention_s", \.limits.countRetention, 86_400...3_153_600_000),
            .number("limits.summary_buckets", \.limits.summaryBuckets, 1...10_000),
            .number("limits.summary_destinations", \.limits.summaryDestinations, 1...10_000),
            .duration("limits.plugin_call_ms", \.limits.pluginCall, 1...60_000),
            .duration("limits.plugin_create_ms", \.limits.pluginCreate, 1...60_000),
            .number("limits.transformed_bytes", \.limits.transformedBytes, bytes, unit: "bytes"),
            .number("limits.plugin_settings_bytes", \.limits.pluginSettingsBytes, 1...1 << 24, unit: "bytes"),
            .number("limits.transformers_per_destination", \.limits.transformersPerDestination, 0...64),
            .number("limits.plugin_calls_in_flight", \.limits.pluginCallsInFlight, 1...64),
            .number("limits.plugin_memory_bytes", \.limits.pluginMemoryBytes, 1 << 20...1 << 40, unit: "bytes"),
            .number("limits.plugin_open_files", \.limits.pluginOpenFiles, 8...1_024),
            .duration("limits.plugin_start_ms", \.limits.pluginStart, 100...60_000),
            .duration("limits.plugin_restart_ms", \.limits.pluginRestart, 1...60_000),
            .number("limits.plugin_crashes", \.limits.pluginCrashes, 1...20),
            .duration("limits.plugin_quarantine_s", \.limits.pluginQuarantine, 1...86_400),
        ]
    }
}

private func isName(_ text: String) -> Bool {
    text.utf8.count <= 63
        && text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
            default: false
            }
        }
}

/// Or empty, which is "not set".
private func isURI(_ text: String, _ schemes: [String]) -> Bool {
    text.isEmpty
        || schemes.contains { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }
            && text.utf8.allSatisfy { $0 > 32 && $0 != 127 }
}

private func isOrigin(_ text: String) -> Bool {
    guard !text.isEmpty, text != "*" else { return true }
    guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return false }
    let authority = text.utf8.dropFirst(scheme.utf8.count)
    return !authority.isEmpty && authority.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "/") }
}

private func isOperatorToken(_ text: String) -> Bool {
    text.isEmpty || (32...512).contains(text.utf8.count) && text.utf8.allSatisfy { (33...126).contains($0) }
}

private func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64 && text.allSatisfy { $0.isHexDigit && $0.isASCII }
}
