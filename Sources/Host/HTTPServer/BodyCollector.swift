/// Takes a request's body as it arrives and never keeps more than its limit, nor more than there is room for.
final class BodyCollector {
    enum Verdict: Equatable {
        case more
        /// The limit is passed for the first time: answer 413 now. What was kept is gone.
        case tooLarge
        /// Too much arrives at once, by all clients together: answer 503 now. What was kept is gone.
        case noRoom
        /// The client goes on sending what nobody wants.
        case enough
    }

    /// Bytes read and dropped for the sake of a client that will only read its answer after it has sent everything.
    static let dropBytes = 1 << 20

    private let limit: Int
    private let announced: Int?
    private var received = 0
    private var bytes: [UInt8] = []
    private var dropped = 0
    private let keeps: Bool
    /// Bytes of the budget.
    private var claimed = 0
    private let budget: ByteBudget
    /// It was answered before it had arrived.
    private(set) var wasRefused = false

    /// announced: what Content-Length says, if there is one; the room is reserved once, at the first byte. keeps: false
    /// for a request that is refused anyway.
    init(limit: Int, announced: Int?, keeps: Bool, budget: ByteBudget) {
        self.limit = limit
        self.announced = announced
        self.keeps = keeps
        self.budget = budget
    }

    deinit { release() }

    /// False at the end of a request whose length libmicrohttpd has read otherwise than we have.
    var isAsLongAsAnnounced: Bool { announced == nil || announced == received }

    func add(_ part: UnsafeRawBufferPointer) -> Verdict {
        received += part.count
        guard keeps, !wasRefused else {
            dropped += part.count
            return dropped <= Self.dropBytes ? .more : .enough
        }
        guard bytes.count + part.count <= limit else { return refuse(.tooLarge) }
        guard budget.take(part.count) else { return refuse(.noRoom) }
        claimed += part.count
        if bytes.isEmpty { bytes.reserveCapacity(max(min(announced ?? 0, limit), part.count)) }
        bytes.append(contentsOf: part)
        return .more
    }

    private func refuse(_ verdict: Verdict) -> Verdict {
        bytes = []
        release()
        wasRefused = true
        return verdict
    }

    /// Hands the body over, once. Its handler may wait with it for the store, say, before it looks at the client's key:
    /// the body counts until `release`.
    func take() -> [UInt8] {
        let whole = bytes
        bytes = []
        return whole
    }

    /// The request has its answer.
    func release() {
        budget.give(claimed)
        claimed = 0
    }
}
