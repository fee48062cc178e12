import Telemetry
import Threading

/// A thread that cuts off clients that are too slow, however busy they look.
final class SlowClientWatch: Sendable {
    private let stopping = Mailbox<Void>()
    private let thread: WorkerThread

    init(_ connections: ConnectionTable, timeout: Duration) {
        let stopping = stopping
        let interval = min(.seconds(1), timeout / 4)
        thread = WorkerThread("http-watch") {
            let log = Log("http")
            while !stopping.isClosed {
                _ = stopping.takeAll(until: .now + interval)
                let now = ContinuousClock.now
                let cut = connections.all.filter { $0.cutOff(at: now) }.count
                if cut > 0 { log.info("slow clients were cut off", ["connections": "\(cut)"]) }
            }
        }
    }

    func stop() {
        stopping.close()
        thread.join()
    }
}
