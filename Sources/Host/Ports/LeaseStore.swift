import Domain

/// Which node owns which shard, for how long. Blocking.
package protocol LeaseStore {
    /// One round trip of a worker's life: says "alive", extends the leases it holds, gives back those it no longer
    /// wants, and takes free or expired ones up to its fair share. Shares add up to all shards: shards divided by
    /// live workers, rounded up for as many of those that joined first as the division leaves over, else down.
    /// It never takes one from a live owner; an owner above its share sees that in `fairShare` and releases. What is
    /// released in a call is not taken back in the same one.
    func renew(_ node: NodeID, releasing: Set<Shard>, lease: Duration) throws(StoreError) -> LeaseAnswer

    /// Gives up everything at once; the end of an orderly shutdown.
    func leave(_ node: NodeID) throws(StoreError)
}

package struct LeaseAnswer: Sendable, Equatable {
    /// All that the node holds now.
    package var held: Set<Shard>
    /// How many it should hold at most.
    package var fairShare: Int
    /// The database's clock, to know one's own offset.
    package var now: Timestamp

    package init(held: Set<Shard>, fairShare: Int, now: Timestamp) {
        self.held = held
        self.fairShare = fairShare
        self.now = now
    }
}
