import Domain

/// An event about to be accepted.
package struct NewEvent: Sendable {
    package var item: WorkItem
    /// Nil for events posted with a destination's own token.
    package var senderID: SenderID?
    package var shard: Shard
    package var idempotencyKey: String?
    /// Why a sender's mapping could not be applied and the raw payload is stored instead; nil if all went well.
    package var mappingError: String?

    package init(
        item: WorkItem, senderID: SenderID?, shard: Shard, idempotencyKey: String?, mappingError: String? = nil
    ) {
        self.item = item
        self.senderID = senderID
        self.shard = shard
        self.idempotencyKey = idempotencyKey
        self.mappingError = mappingError
    }
}

package enum AcceptResult: Sendable, Equatable {
    /// Committed, synchronous_commit on.
    case accepted
    /// The idempotency key belongs to an earlier event of the same sender, or of the same destination without a sender;
    /// nothing was stored. differs: that event's payload is another one.
    case duplicate(EventID, EventStatus, acceptedAt: Timestamp, differs: Bool)
}

/// Makes accepted events durable. Blocking.
package protocol AcceptStore {
    /// One transaction, one round trip where there are no idempotency keys. All or nothing: on an error no event
    /// of the batch counts as accepted.
    /// batch: the same (sender or destination, key) at most once.
    /// dueAfter: rows become due at `acceptedAt` plus this: the hand-over grace, or zero if no message will come.
    func accept(_ batch: [NewEvent], dueAfter: Duration) throws(StoreError) -> [AcceptResult]
}
