/// Which node of the cluster to turn to, and when: one after the other without a pause, and a pause when none of them
/// would do. Pure.
struct BrokerTour {
    enum Step: Equatable {
        /// The next node may do: at once.
        case onwards
        /// All nodes were tried in vain.
        case rest(Duration)
    }

    private let nodes: [BrokerURL]
    private var place = 0
    // Since the last rest.
    private var tried = 0
    private var delay = ReconnectDelay()

    init(_ addresses: BrokerAddresses) { nodes = addresses.nodes }

    var current: BrokerURL { nodes[place] }

    /// The current node would not do, or does no more. lifetime: how long its connection stood; nil if there was none.
    /// chance: from 0 up to 1.
    mutating func moveOn(afterConnectionOf lifetime: Duration?, chance: Double) -> Step {
        place = (place + 1) % nodes.count
        if let lifetime, lifetime >= ReconnectDelay.longest { tried = 0 }
        tried += 1
        guard tried >= nodes.count else { return .onwards }
        tried = 0
        return .rest(delay.next(afterConnectionOf: lifetime, chance: chance))
    }
}
