import Ports

/// One configured component whose code runs in a child: makes it there when it is first wanted, and again when the
/// child is another one. Owned by one thread at a time.
final class IsolatedInstance {
    /// How long whoever wants an instance at once waits for a child that is starting.
    private static let startPatience: Int64 = 500_000_000

    let component: Component
    private let place: IsolatedLibrary.Place
    private let number: UInt64
    private let settings: [UInt8]
    private let secrets: [[UInt8]]
    private let storageKey: String?
    private let storage: InstanceStorage
    private let callLimit: Int64
    private let createLimit: Int64
    /// Of the child that has the instance; 0: none.
    private var generation: UInt64 = 0
    /// Of the latest lease: whether a call was made with it and came back, with whatever result.
    private var wasAnswered = false

    /// Makes the instance, unless the library is not there just now: then the first call will. settings: checked
    /// against the schema already. storageKey: nil for one that may leave nothing behind.
    init(
        _ component: Component, in place: IsolatedLibrary.Place, settings: [UInt8], secrets: [[UInt8]],
        storageKey: String?, storage: InstanceStorage, mustExist: Bool
    ) throws(PluginFault) {
        self.component = component
        self.place = place
        number = place.library.nextInstance()
        self.settings = settings
        self.secrets = PluginSentence.searchOrder(secrets)
        self.storageKey = storageKey
        self.storage = storage
        let limits = place.library.launch.limits
        callLimit = limits.pluginCall.inNanoseconds
        createLimit = limits.pluginCreate.inNanoseconds
        do {
            let patience = mustExist ? max(callLimit, Self.startPatience) : callLimit
            try withLease(until: monotonicNanoseconds() + patience, waitsForStart: mustExist) {
                lease throws(PluginFault) in try create(lease)
            }
        } catch where error.cause == .unavailable && !mustExist {}
    }

    deinit {
        // It went with its process.
        guard generation != 0, place.library.isServing(generation) else { return }
        let now = monotonicNanoseconds()
        try? withLease(until: now + callLimit) { lease throws(PluginFault) in
            guard lease.child.generation == generation else { return }
            _ = try exchange(.destroy, PluginCallContext(), lease, limit: callLimit)
        }
    }

    /// Makes one call. judge: turns what the child says into the result, or throws the fault it means.
    func call<Output>(
        _ work: CallRequest.Work, _ context: PluginCallContext, waitsForStart: Bool = false,
        judge: (CallAnswer.Result) throws(PluginFault) -> (Output, ComponentMeters.Result)
    ) throws(PluginFault) -> Output {
        let start = monotonicNanoseconds()
        do {
            let (output, result) = try withLease(until: start + callLimit, waitsForStart: waitsForStart) {
                lease throws(PluginFault) -> (Output, ComponentMeters.Result) in
                if lease.child.generation != generation { try create(lease) }
                let result = try exchange(work, context, lease, limit: callLimit)
                if case .fault(let fault) = result { throw self.fault(fault) }
                return try judge(result)
            }
            component.meters.finished(result, nanoseconds: monotonicNanoseconds() - start)
            return output
        } catch where error.cause == .unavailable {
            component.meters.refused()
            throw error
        } catch {
            let result = ComponentMeters.Result(rawValue: error.cause.rawValue) ?? .fault
            component.meters.finished(result, nanoseconds: monotonicNanoseconds() - start)
            throw error
        }
    }

    /// A rule of the interface was broken.
    func broken(_ rule: String, _ context: PluginCallContext) -> PluginFault {
        component.misbehaved(rule, context)
        return PluginFault(component: component.name, cause: .fault, sentence: "\(component.name) \(rule)")
    }

    /// An honest child does not give such an answer.
    func nonsense(_ context: PluginCallContext) -> PluginFault {
        broken("gave an answer that is none", context)
    }

    // MARK: - Inside

    private func withLease<Output>(
        until deadline: Int64, waitsForStart: Bool = false,
        _ body: (IsolatedLibrary.Lease) throws(PluginFault) -> Output
    ) throws(PluginFault) -> Output {
        let lease: IsolatedLibrary.Lease
        do {
            lease = try place.library.lease(for: component.name, until: deadline, waitsForStart: waitsForStart)
        } catch {
            throw unavailable(error)
        }
        wasAnswered = false
        defer { place.library.giveBack(lease, wasAnswered: wasAnswered) }
        return try body(lease)
    }

    private func create(_ lease: IsolatedLibrary.Lease) throws(PluginFault) {
        let kept = storageKey.map { storage.values(on: $0, now: wallMilliseconds()) } ?? []
        let work = CallRequest.Work.create(
            component: place.index, settings: settings, storageKey: storageKey, kept: kept)
        switch try exchange(work, PluginCallContext(), lease, limit: createLimit) {
        case .done: generation = lease.child.generation
        case .fault(let fault): throw self.fault(fault)
        default: throw nonsense(PluginCallContext())
        }
    }

    private func exchange(
        _ work: CallRequest.Work, _ context: PluginCallContext, _ lease: IsolatedLibrary.Lease, limit: Int64
    ) throws(PluginFault) -> CallAnswer.Result {
        let request = CallRequest(instance: number, context: context, work: work)
        let deadline = monotonicNanoseconds() + limit
        wasAnswered = false
        switch lease.slot.exchange(request, until: deadline, knownEnd: { lease.child.knownEnd }) {
        case .answered(let answer):
            wasAnswered = true
            for remark in answer.remarks { take(remark, context) }
            return answer.result
        case .late:
            place.library.condemn(lease, .overrun)
            throw PluginFault(
                component: component.name, cause: .overrun,
                sentence: "\(component.name) did not return within \(inWords(limit)); its process was ended")
        case .nonsense:
            place.library.condemn(lease, .nonsense)
            throw nonsense(context)
        case .ended(let end) where end.isDue(to: lease.slot.index):
            throw PluginFault(component: component.name, cause: .crash, sentence: "\(component.name) \(end.words)")
        case .ended(let end):
            throw unavailable(place.library.unavailable(after: end))
        case .tooLarge:
            throw PluginFault(
                component: component.name, cause: .permanent,
                sentence: "the call is too large for the isolated \(component.name)")
        }
    }

    /// What the plugin asked of the host's services, from a process that may say anything.
    private func take(_ remark: Remark, _ context: PluginCallContext) {
        switch remark {
        case .log(let level, let message):
            component.log(level, cleaned(message, limit: PluginSentence.logBytesMax), context)
        case .count(let name, let amount): component.meters.count(name, amount)
        case .store(let value):
            guard let storageKey else { return }
            _ = storage.store(
                value.bytes, as: value.key, expiresAt: value.expiresAt, on: storageKey, now: wallMilliseconds())
        }
    }

    private func fault(_ fault: PluginFault) -> PluginFault {
        // The name and a few words of ours stand before the plugin's sentence.
        let limit = PluginSentence.reportBytesMax + 2 * Interface.nameBytesMax + 100
        let isItsToSay = fault.cause != .crash && fault.cause != .unavailable && fault.cause != .missing
        return PluginFault(
            component: component.name, cause: isItsToSay ? fault.cause : .fault,
            sentence: cleaned(fault.sentence, limit: limit), position: fault.position)
    }

    private func cleaned(_ text: String, limit: Int) -> String {
        let bytes = text.utf8.prefix(PluginSentence.bytesRead(limit: limit, secrets: secrets))
        return PluginSentence.cleaned(Array(bytes), limit: limit, secrets: secrets)
    }

    private func unavailable(_ unavailable: IsolatedLibrary.Unavailable) -> PluginFault {
        PluginFault(
            component: component.name, cause: .unavailable, sentence: "\(component.name) \(unavailable.words)",
            retryAfter: .nanoseconds(unavailable.retryAfter))
    }
}
