import Domain

/// The consumer's thread: connect, serve until that breaks, stay away for a while, again.
struct ConsumerLoop {
    private let core: ConsumerCore
    private var tour: BrokerTour
    private var log = BrokerTourLog("consumer")
    private var wanted: Set<Shard> = []
    private var nextChannelID: UInt64 = 1

    init(_ core: ConsumerCore) {
        self.core = core
        tour = BrokerTour(core.brokers)
    }

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
                moveOn(after: connectedAt, because: error)
            }
        }
        core.commands.close()
    }

    private mutating func connect() throws(BrokerError) -> Connection {
        let connection = try Connection(
            to: tour.current, name: "hooksentry consumer", limits: Connection.Limits(heartbeat: core.heartbeat),
            lifeline: core.thread.lifeline)
        try connection.open(channel: ConsumerSession.control)
        try connection.declare(core.topology, channel: ConsumerSession.control)
        try connection.confirm(channel: ConsumerSession.control)
        log.connected(to: tour.current)
        return connection
    }

    private mutating func moveOn(after connectedAt: ContinuousClock.Instant?, because error: BrokerError) {
        guard !core.thread.isStopping else { return }
        let node = tour.current
        let step = tour.moveOn(afterConnectionOf: connectedAt.map { .now - $0 }, chance: .random(in: 0..<1))
        log.left(node, step, next: tour.current, because: error)
        if case .rest(let pause) = step { stayAway(until: .now + pause) }
    }

    private mutating func stayAway(until end: ContinuousClock.Instant) {
        while !core.thread.isStopping && .now < end {
            core.thread.wait(atMost: end - .now)
            // Releases and acknowledgements are of a connection that is gone: nothing is left to do for them.
            for case .consume(let shards) in core.commands.takeAll(until: .now) { wanted = shards }
        }
    }
}
