import Domain
import Telemetry

/// The consumer's thread: connect, serve until that breaks, stay away for a while, again.
struct ConsumerLoop {
    private let core: ConsumerCore
    private let log = Log("broker")
    private var delay = ReconnectDelay()
    private var wanted: Set<Shard> = []
    private var nextChannelID: UInt64 = 1
    // What is logged is a change of this; nil before the first try.
    private var wasConnected: Bool?

    init(_ core: ConsumerCore) { self.core = core }

    mutating func run() {
        while !core.thread.isStopping {
            var connectedAt: ContinuousClock.Instant?
            do throws(BrokerError) {
                let connection = try connect()
                connectedAt = .now
                core.metrics.consumerConnected.set(1)
                var session = ConsumerSession(core, connection, wanted: wanted, nextChannelID: nextChannelID)
                defer {
                    core.metrics.consumerConnected.set(0)
                    wanted = session.wanted
                    nextChannelID = session.nextChannelID
                }
                try session.serve()
                connection.close()
            } catch {
                report(error)
            }
            stayAway(after: connectedAt)
        }
        core.commands.close()
    }

    private mutating func connect() throws(BrokerError) -> Connection {
        let connection = try Connection(
            to: core.url, name: "hooksentry consumer", limits: Connection.Limits(heartbeat: core.heartbeat),
            lifeline: core.thread.lifeline)
        try connection.open(channel: ConsumerSession.control)
        try connection.declare(core.topology, channel: ConsumerSession.control)
        try connection.confirm(channel: ConsumerSession.control)
        log.info("The consumer is connected to the broker.", ["host": core.url.host, "port": "\(core.url.port)"])
        wasConnected = true
        return connection
    }

    private mutating func report(_ error: BrokerError) {
        guard wasConnected != false, !core.thread.isStopping else { return }
        wasConnected = false
        log.warning(
            "The consumer has no broker and keeps trying.",
            ["host": core.url.host, "port": "\(core.url.port)", "reason": error.sentence])
    }

    private mutating func stayAway(after connectedAt: ContinuousClock.Instant?) {
        let lifetime = connectedAt.map { .now - $0 }
        let end = ContinuousClock.now + delay.next(afterConnectionOf: lifetime, chance: .random(in: 0..<1))
        while !core.thread.isStopping && .now < end {
            core.thread.wait(atMost: end - .now)
            // Releases and acknowledgements are of a connection that is gone: nothing is left to do for them.
            for case .consume(let shards) in core.commands.takeAll(until: .now) { wanted = shards }
        }
    }
}
