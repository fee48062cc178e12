/// The publisher's thread: connect, serve until that breaks, stay away for a while, again.
struct PublisherLoop {
    private static let channel: UInt16 = 1
    private let core: PublisherCore
    private var tour: BrokerTour
    private var log = BrokerTourLog("publisher", meanwhile: "; the store hands work over meanwhile")

    init(_ core: PublisherCore) {
        self.core = core
        tour = BrokerTour(core.brokers)
    }

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
                moveOn(after: connectedAt, because: error)
            }
        }
        answerFlushes()
        core.flushes.close()
    }

    private mutating func connect() throws(BrokerError) -> Connection {
        let connection = try Connection(
            to: tour.current, name: "hooksentry publisher", limits: Connection.Limits(heartbeat: core.limits.heartbeat),
            lifeline: core.thread.lifeline)
        try connection.open(channel: Self.channel)
        try connection.declare(core.topology, channel: Self.channel)
        try connection.confirm(channel: Self.channel)
        log.connected(to: tour.current)
        core.queue.open()
        core.metrics.publisherConnected.set(1)
        return connection
    }

    private func goAway() {
        core.metrics.publisherConnected.set(0)
        core.metrics.dropped.add(core.queue.close())
    }

    private mutating func moveOn(after connectedAt: ContinuousClock.Instant?, because error: BrokerError) {
        guard !core.thread.isStopping else { return }
        let node = tour.current
        let step = tour.moveOn(afterConnectionOf: connectedAt.map { .now - $0 }, chance: .random(in: 0..<1))
        log.left(node, step, next: tour.current, because: error)
        if case .rest(let pause) = step { stayAway(until: .now + pause) }
    }

    private func stayAway(until end: ContinuousClock.Instant) {
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
