import Telemetry

/// The publisher's thread: connect, serve until that breaks, stay away for a while, again.
struct PublisherLoop {
    private static let channel: UInt16 = 1
    private let core: PublisherCore
    private let log = Log("broker")
    private var delay = ReconnectDelay()
    // What is logged is a change of this; nil before the first try.
    private var wasConnected: Bool?

    init(_ core: PublisherCore) { self.core = core }

    mutating func run() {
        while !core.thread.isStopping {
            var connectedAt: ContinuousClock.Instant?
            do throws(BrokerError) {
                let connection = try connect()
                connectedAt = .now
                defer { goAway() }
                var session = PublisherSession(core, connection, channel: Self.channel)
                try session.serve()
                connection.close()
            } catch {
                report(error)
            }
            stayAway(after: connectedAt)
        }
        answerFlushes()
        core.flushes.close()
    }

    private mutating func connect() throws(BrokerError) -> Connection {
        let connection = try Connection(
            to: core.url, name: "hooksentry publisher", limits: Connection.Limits(heartbeat: core.limits.heartbeat),
            lifeline: core.thread.lifeline)
        try connection.open(channel: Self.channel)
        try connection.declare(core.topology, channel: Self.channel)
        try connection.confirm(channel: Self.channel)
        log.info("The publisher is connected to the broker.", ["host": core.url.host, "port": "\(core.url.port)"])
        wasConnected = true
        core.queue.open()
        core.metrics.publisherConnected.set(1)
        return connection
    }

    private func goAway() {
        core.metrics.publisherConnected.set(0)
        core.metrics.dropped.add(core.queue.close())
    }

    private mutating func report(_ error: BrokerError) {
        guard wasConnected != false, !core.thread.isStopping else { return }
        wasConnected = false
        log.warning(
            "The publisher has no broker and keeps trying; the store hands work over meanwhile.",
            ["host": core.url.host, "port": "\(core.url.port)", "reason": error.sentence])
    }

    private mutating func stayAway(after connectedAt: ContinuousClock.Instant?) {
        let lifetime = connectedAt.map { .now - $0 }
        let end = ContinuousClock.now + delay.next(afterConnectionOf: lifetime, chance: .random(in: 0..<1))
        while !core.thread.isStopping && .now < end {
            answerFlushes()
            core.thread.wait(atMost: end - .now)
        }
    }

    /// Nothing is on its way to the broker, and nothing will be.
    private func answerFlushes() {
        for flush in core.flushes.takeAll(until: .now) { flush.post(false) }
    }
}
