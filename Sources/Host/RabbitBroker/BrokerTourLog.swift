import Telemetry

/// Says in the log where the publisher or the consumer is connected, each move to another node, and once that none of
/// them would do.
struct BrokerTourLog {
    private let log = Log("broker")
    /// "publisher", say.
    private let who: String
    private let meanwhile: String
    // Nothing is said from the first rest until the next connection.
    private var isSilent = false

    init(_ who: String, meanwhile: String = "") {
        self.who = who
        self.meanwhile = meanwhile
    }

    mutating func connected(to node: BrokerURL) {
        isSilent = false
        log.info("The \(who) is connected to the broker.", ["host": node.host, "port": "\(node.port)"])
    }

    mutating func left(_ node: BrokerURL, _ step: BrokerTour.Step, next: BrokerURL, because error: BrokerError) {
        guard !isSilent else { return }
        switch step {
        case .onwards:
            log.warning(
                "The \(who) turns to another node of the broker.",
                [
                    "host": node.host, "port": "\(node.port)", "next_host": next.host, "next_port": "\(next.port)",
                    "reason": error.sentence,
                ])
        case .rest:
            isSilent = true
            log.warning(
                "The \(who) has no broker and keeps trying\(meanwhile).",
                ["host": node.host, "port": "\(node.port)", "reason": error.sentence])
        }
    }
}
