import Domain

/// Work that waits in the store: retries, parked and replayed events, and fresh ones whose message got lost.
/// Blocking.
package protocol DueStore {
    /// Destinations of these shards that are open (active and not paused) and have due events: those that became due
    /// after `since` (nil: ever, and those that wait for their destination), up to now, by the database's clock, which
    /// is returned for the next call.
    func destinationsWithDueWork(in shards: Set<Shard>, since: Timestamp?) throws(StoreError)
        -> (destinations: [DestinationID], now: Timestamp)

    /// Due events of each destination in turn, oldest first; then those that waited for it to be open.
    func dueWork(_ read: DueRead) throws(StoreError) -> [WorkItem]

    /// For a new owner of a shard: what was under way when the one before died and cannot go on, because its
    /// destination is not open, is no longer Processing. Nobody would ever conclude it.
    func endProcessing(in shard: Shard) throws(StoreError)

    /// Of these events, those that still wait for exactly the attempt after `attemptsFinished`: neither final nor
    /// attempted since. What a message that is old or redelivered is checked against before it is sent.
    func stillWaiting(_ items: [(event: EventID, attemptsFinished: Int)]) throws(StoreError) -> Set<EventID>
}
