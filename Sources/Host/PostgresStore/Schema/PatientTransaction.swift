import Ports

extension PostgresConnection {
    /// How long a change of the schema waits for one lock. Everybody who writes queues up behind that wish, so this is
    /// also about how long it may hold them up.
    private static let lockOut = "SET LOCAL lock_timeout = '300ms'"
    /// Seconds until the next try, in which those who queued up get on.
    private static let lockPause = 0.2
    /// How long it is tried.
    private static let lockPatience = Duration.seconds(300)

    /// A transaction that changes tables which others are writing to: a lock that is not to be had soon is not waited
    /// for, the transaction is rolled back and tried again.
    func patientTransaction(_ body: () throws(StoreError) -> Void) throws(StoreError) {
        let deadline = ContinuousClock.now + Self.lockPatience
        while true {
            do throws(StoreError) {
                return try transaction { () throws(StoreError) in
                    try execute(Self.lockOut)
                    try body()
                }
            } catch .unavailable(let reason) where .now < deadline && reason.contains("55P03") {
                try execute("SELECT pg_sleep(\(Self.lockPause))")
            }
        }
    }
}
