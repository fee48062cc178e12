import Domain
import Ports
import Telemetry
import Threading

/// Carries out bulk replays: a portion of each running job many times a second, at the job's rate.
///
/// A job belongs to the worker that holds its lease. All that has to be known of it is in the store, moved on in the
/// transaction that replays the portion; so a worker that dies leaves nothing behind, and another goes on when the
/// lease is over.
final class ReplayRunner: Sendable {
    static let tick = Duration.milliseconds(200)
    static let leaseInterval = Duration.seconds(1)
    static let lease = Duration.seconds(5)
    /// Jobs that one worker carries out at a time; more wait for others, or their turn.
    static let jobsMax = 64
    /// Events in one transaction.
    static let portionMax = 500

    private let node: NodeID
    private let makeStore: @Sendable () -> any ReplayStore
    private let alarm = Mailbox<Void>()
    private let log = Log("replay")
    private let replayed = Metrics.shared.counter(
        "hooksentry_replay_events_total", help: "Events that bulk replays took up.")

    init(node: NodeID, makeStore: @escaping @Sendable () -> any ReplayStore) {
        self.node = node
        self.makeStore = makeStore
    }

    func start() -> WorkerThread { WorkerThread("replay") { self.run() } }
    func stop() { alarm.close() }

    private func run() {
        let store = makeStore()
        var jobs: [ReplayJobID: (rate: Int, pace: ReplayPace)] = [:]
        var nextLease = ContinuousClock.now
        var isAway = false
        while !alarm.isClosed {
            do throws(StoreError) {
                if ContinuousClock.now >= nextLease {
                    nextLease = .now + Self.leaseInterval
                    try renew(&jobs, store)
                }
                for job in jobs.keys { try advance(job, &jobs, store) }
                if isAway { log.info("the store is back; replays go on") }
                isAway = false
            } catch {
                if !isAway { log.warning("replays wait for the store", ["reason": error.sentence]) }
                isAway = true
                // What was ours may be another's by the time the store is back.
                jobs = [:]
                nextLease = .now + Self.leaseInterval
            }
            _ = alarm.takeAll(until: jobs.isEmpty ? nextLease : .now + Self.tick)
        }
        try? store.releaseReplayJobs(of: node)
    }

    private func renew(
        _ jobs: inout [ReplayJobID: (rate: Int, pace: ReplayPace)], _ store: any ReplayStore
    ) throws(StoreError) {
        let leased = try store.leaseReplayJobs(node, lease: Self.lease, limit: Self.jobsMax)
        let before = jobs
        jobs = [:]
        for lease in leased {
            if before[lease.job] == nil { log.info("carrying out a replay", ["replay": "\(lease.job)"]) }
            jobs[lease.job] = (lease.rate, before[lease.job]?.pace ?? ReplayPace(at: .now))
        }
    }

    private func advance(
        _ job: ReplayJobID, _ jobs: inout [ReplayJobID: (rate: Int, pace: ReplayPace)], _ store: any ReplayStore
    ) throws(StoreError) {
        guard let known = jobs[job] else { return }
        var pace = known.pace
        let permitted = min(pace.permits(at: .now, rate: known.rate), Self.portionMax)
        jobs[job]?.pace = pace
        guard permitted > 0 else { return }
        switch try store.replayStep(job, by: node, limit: permitted) {
        case .notOurs:
            jobs[job] = nil
        case .advanced(let chosen):
            replayed.add(chosen)
            pace.took(chosen)
            jobs[job]?.pace = pace
        case .completed(let chosen):
            replayed.add(chosen)
            jobs[job] = nil
            log.info("a replay is complete", ["replay": "\(job)"])
        }
    }
}
