import Domain

/// How much of a worker's memory for events is taken, and what follows from it for whoever wants some.
struct MemoryUse {
    let limits: Limits
    /// Footprints of all events between offer and conclusion.
    var held: Int
    /// Of those, footprints of the attempts in flight.
    var inFlight: Int

    /// Footprints in one read of due events, however much memory there is.
    static let readBytesMax = 16 << 20
    /// How soon after a read the next one may be for little.
    static let readPause = Duration.milliseconds(100)

    private var waiting: Int { held - inFlight }

    /// What of one destination may wait: nothing when there is no memory left.
    var queueLimit: DestinationQueue.Limit {
        DestinationQueue.Limit(
            events: held < limits.dispatcherBytes ? limits.destinationQueueEvents : 0,
            bytes: limits.destinationQueueBytes)
    }

    /// Slow destinations give way, and nothing is read from the store.
    var isPressed: Bool { waiting >= limits.waitingBytes }

    /// Whether slow destinations may be read for. They leave the second half to the others: otherwise they would have
    /// to give way, and what has been read would be parked at once.
    var isForSlow: Bool { waiting < limits.waitingBytes / 2 }

    private var left: Int { limits.waitingBytes - waiting }

    /// Footprints that one read may bring: half of what is left before nothing is read, because messages come, too.
    var readBytes: Int { min(Self.readBytesMax, max(1, left / 2)) }

    /// Whether to read: not if nothing is left, and not for the little that one conclusion after the other leaves,
    /// because a read costs as much as many of its events.
    func isReadDue(after last: Duration) -> Bool { isEased || !isPressed && last >= Self.readPause }

    /// As far below pressure as those who give way bring it.
    var isEased: Bool { left >= limits.waitingBytes / 8 }
}
