/// Every limit of the platform: its name, default and unit. The config file sets each of them under
/// `limits` with the same name in snake case.
package struct Limits: Sendable, Equatable {
    // Accepting.
    /// Bytes of one posted event.
    package var ingestBodyBytes = 1 << 20
    /// Events in one batch that a client posts.
    package var batchEvents = 1_000
    /// Bytes of such a batch, all its events together.
    package var batchBodyBytes = 8 << 20
    /// Time that mapping the events of such a batch may take, all of them together.
    package var batchMapping = Duration.seconds(2)
    /// Bytes of a management request's body.
    package var managementBodyBytes = 1 << 20
    /// Requests of the management API that are answered at a time, each with a connection to PostgreSQL; more wait.
    package var managementRequests = 8
    /// Of those, requests of one tenant; more are answered 503.
    package var managementRequestsPerTenant = 6
    /// Bytes of all request bodies that are arriving or have no answer yet, over all connections; beyond it they are
    /// answered 503.
    package var arrivingBytes = 256 << 20
    /// Bytes of all answers beyond 64 KiB that clients have not taken, over all connections; beyond it requests that
    /// change nothing are answered 503.
    package var answerBytes = 256 << 20
    /// Bytes of a request's line and headers together.
    package var requestHeaderBytes = 16 << 10
    /// Tenants that one client address may create in an hour.
    package var tenantsPerAddress = 5
    /// Failed logins from one client address, and for one e-mail address, in `loginWindow`.
    package var loginFailures = 10
    package var loginWindow = Duration.seconds(5 * 60)
    /// Registrations with an invite from one client address in an hour.
    package var registrationsPerAddress = 10
    /// Test events that a destination gets in a minute.
    package var testEventsPerMinute = 10
    /// Bulk replays of a tenant that are not finished.
    package var replaysPerTenant = 10
    /// Events a second that one bulk replay may ask for.
    package var replayRate = 1_000
    /// Connections open at a time.
    package var connections = 4_096
    /// Time for a client to send its whole request.
    package var requestTimeout = Duration.seconds(30)
    /// Levels of nesting in any JSON read from outside.
    package var jsonDepth = 64
    /// Events waiting for a commit; beyond it ingest answers 503.
    package var acceptQueueEvents = 8_192
    /// Bytes of payload waiting for a commit; beyond it ingest answers 503.
    package var acceptQueueBytes = 64 << 20
    /// Events in one commit.
    package var acceptBatchEvents = 512
    /// The longest that a batch waits for company while more than one event is to be expected in that time; never at
    /// gentle rates. It saves commits and broker wake-ups at the price of latency.
    package var acceptLinger = Duration.milliseconds(2)
    /// Events with which a batch waits no longer.
    package var acceptLingerEvents = 32
    /// Events of one shard that travel through the broker in one message.
    package var messageEvents = 16
    /// The longest that events wait for others to travel with while at least two a shard are to be expected in that
    /// time; never at gentle rates. Nobody's answer waits for it.
    package var publishLinger = Duration.milliseconds(10)
    /// Events, of all shards together, with which they wait no longer.
    package var publishLingerEvents = 128
    /// How long an idempotency key is remembered.
    package var idempotencyWindow = Duration.seconds(24 * 3_600)

    // Listing.
    /// Events that match a list are counted up to this many; beyond it the total is an estimate.
    package var listTotalExact = 10_000
    /// Rows that a page number may skip; further on a list goes by cursor.
    package var listRowsSkipped = 10_000
    /// Bytes of payload in one page of events; a page of one event may have more.
    package var listPayloadBytes = 32 << 20
    /// Attempts in the list of an event's; earlier ones are left out.
    package var listAttempts = 500

    // Delivering.
    package var connectTimeout = Duration.seconds(5)
    /// From the first byte sent to the last byte received.
    package var deliveryTimeout = Duration.seconds(30)
    /// Bytes of an answer that are read before the connection is cut.
    package var responseBodyBytes = 64 << 10
    /// Bytes of an answer kept on the attempt.
    package var responseBodyKept = 4 << 10
    /// Attempts in flight at a time, all destinations together.
    package var attemptsInFlight = 2_048
    /// Events of one destination held in memory; more wait in PostgreSQL.
    package var destinationQueueEvents = 256
    /// Bytes of events held in memory by a worker, payloads and 1 KiB for each; more wait in the broker and in
    /// PostgreSQL.
    package var dispatcherBytes = 64 << 20
    /// Of that, what the waiting events of one destination may take; a single one may always wait.
    package var destinationQueueBytes: Int { dispatcherBytes / 16 }
    /// Of that, what attempts in flight may take.
    package var attemptsInFlightBytes: Int { dispatcherBytes / 2 }
    /// Of that, what waiting events may take before slow destinations give way and nothing more is read from the store:
    /// the rest is for what comes fresh.
    package var waitingBytes: Int { dispatcherBytes / 4 }
    /// Messages the broker may have outstanding with one worker.
    package var prefetchMessages = 8_192
    /// How long fresh work may take through the broker before the store hands it over.
    package var handOverGrace = Duration.seconds(30)
    /// How long a dead worker's shards stay its own. Others look five times in that time, so its work goes on after
    /// 1.2 of it at most.
    package var shardLease = Duration.seconds(7)
    /// Consecutive failures that open a destination's breaker.
    package var breakerThreshold = 5
    /// Settlements in one commit.
    package var settleBatch = 512
    /// The longest that outcomes wait for others to be written with, while at least eight are to be expected in that
    /// time; never at gentle rates.
    package var settleLinger = Duration.milliseconds(5)
    /// Outcomes with which they wait no longer.
    package var settleLingerEvents = 64
    /// How long outcomes may wait to be written before nothing new is started.
    package var settlePatience = Duration.seconds(1)

    // Telling.
    /// Streams open at a time on one node; beyond it 503.
    package var streams = 1_000
    /// Of those, streams of one tenant; beyond it 429.
    package var streamsPerTenant = 50
    /// Silence on a stream after which it carries a comment.
    package var streamPing = Duration.seconds(30)
    /// How often a node with open streams looks for new entries.
    package var streamPoll = Duration.milliseconds(100)
    /// Entries that a stream is given at a time.
    package var streamPageEntries = 200
    /// Bytes that wait for one client to take them; it gets no more until some are gone.
    package var streamBufferBytes = 1 << 20
    /// How long a client may take nothing of what waits for it before its stream is closed.
    package var streamStall = Duration.seconds(30)
    /// How long after its last stream a tenant's entries are still written, and how long entries are kept.
    package var streamMemory = Duration.seconds(300)
    /// How long a ticket for a stream is good.
    package var streamTicket = Duration.seconds(30)
    /// How long notifications are kept.
    package var notificationRetention = Duration.seconds(90 * 86_400)
    /// How long the counts behind summaries are kept, by the hour.
    package var countRetention = Duration.seconds(93 * 86_400)
    /// Buckets in one summary.
    package var summaryBuckets = 750
    /// Destinations in one summary, those with most events first.
    package var summaryDestinations = 100

    // Plugins.
    /// Time for one call into a plugin.
    package var pluginCall = Duration.milliseconds(250)
    /// Time for `create`, which may compile a program.
    package var pluginCreate = Duration.seconds(2)
    /// Bytes a transformer may emit.
    package var transformedBytes = 4 << 20
    /// Bytes of one component's settings.
    package var pluginSettingsBytes = 64 << 10
    /// Transformers in one destination's chain.
    package var transformersPerDestination = 8

    // Isolated plugins; each limit is for one library's process.
    /// Calls in flight at a time; more wait for one to end.
    package var pluginCallsInFlight = 8
    /// Bytes of private memory beyond what the process has when it begins.
    package var pluginMemoryBytes = 256 << 20
    /// Files open at a time, while the library is loaded; afterwards none can be opened.
    package var pluginOpenFiles = 32
    /// Time for the process to start and load the library.
    package var pluginStart = Duration.seconds(5)
    /// Rest after a crash; doubled with each further one in a row.
    package var pluginRestart = Duration.milliseconds(250)
    /// Crashes in a row that bring quarantine.
    package var pluginCrashes = 5
    /// Rest in quarantine; doubled each time, up to sixteenfold.
    package var pluginQuarantine = Duration.seconds(60)

    package init() {}
}
