/// What went wrong with the broker, and how much of the connection it cost.
package struct BrokerError: Error, Sendable, CustomStringConvertible {
    package enum Scope: Sendable {
        /// The URL is no broker's; trying again does not help.
        case configuration
        /// The connection is of no more use.
        case connection
        /// One channel was closed by the broker; the others go on.
        case channel
    }

    package var scope: Scope
    /// AMQP 0-9-1's reply code, if the broker said so; else librabbitmq's status, which is negative.
    package var code: Int
    package var sentence: String

    package var description: String { sentence }

    /// Another consumer has the queue for itself (403 from classic and quorum queues, 405 from exclusive ones).
    var isExclusiveUse: Bool { scope == .channel && (code == 403 || code == 405) }
}
