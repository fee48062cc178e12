import Domain
import Ports
import Synchronization

/// Keeps what a consumer hands on.
final class Collector: MessageReceiver {
    private let kept = Mutex<[BrokerDelivery]>([])
    private let calls = Atomic<Int>(0)

    func received(_ deliveries: [BrokerDelivery]) {
        kept.withLock { $0 += deliveries }
        calls.wrappingAdd(1, ordering: .relaxed)
    }

    var deliveries: [BrokerDelivery] { kept.withLock { $0 } }
    var count: Int { kept.withLock { $0.count } }
    var batches: Int { calls.load(ordering: .relaxed) }

    /// Takes what there is, so that the next look sees only what is new.
    func take() -> [BrokerDelivery] {
        kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
    }
}
