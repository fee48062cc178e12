import Domain
import JSON
import Ports

/// Tries one component out. What the border's rules forbid is found by the same adapters that deliveries use.
struct ComponentCheck {
    /// A machine that is busy elsewhere can make any call late once.
    static let triesUntilLate = 3

    let component: Component
    let run: CheckRun
    let limits = Limits()
    private let time = AllowedTime()
    private let shared = HostServices.Shared(storage: InstanceStorage(), isShuttingDown: HostServices.Flag())

    init(_ component: Component, _ run: CheckRun) {
        self.component = component
        self.run = run
    }

    func runAll() {
        let footprint = Footprint()
        var samples: [JSONValue] = []
        let hasSamples = run.check(.schema) { () throws(Complaint) in
            do throws(SampleSettings.NoSample) {
                samples = try SampleSettings.make(component.offer.schema)
            } catch {
                throw Complaint(error.sentence)
            }
            return "\(samples.count) sample\(samples.count == 1 ? "" : "s") of settings made from the schema"
        }
        guard hasSamples, run.check(.create, { () throws(Complaint) in try checkCreate(samples) }),
            let settings = samples.last
        else { return }
        SettingsCheck(self, around: settings).runAll()
        let balance = BalanceCheck(check: self, settings: settings)
        run.check(.balance) { () throws(Complaint) in try balance.checkInstances() }
        switch component.offer.calls {
        case .transformer: TransformerCheck(self, settings).runAll()
        case .authenticator: AuthenticatorCheck(self, settings).runAll()
        case .retryPolicy: RetryPolicyCheck(self, settings).runAll()
        }
        run.check(.callBalance) { () throws(Complaint) in try balance.checkCalls() }
        checkConduct(settings)
        run.check(.footprint) { () throws(Complaint) in
            if let complaint = Footprint().complaint(since: footprint) { throw Complaint(complaint) }
            return "no thread, open file or signal handler is left behind"
        }
        run.check(.fuzz) { () throws(Complaint) in try FuzzCheck(check: self, samples: samples).run() }
        let border = BorderCheck(self, settings)
        run.check(.bounds) { () throws(Complaint) in try border.checkBounds() }
        run.check(.ownership) { () throws(Complaint) in try border.checkOwnership() }
    }

    /// How it behaves towards tenants, other threads and the clock.
    private func checkConduct(_ settings: JSONValue) {
        let bytes = settings.serialized()
        if let secrets = SecretsCheck(self, settings) {
            run.check(.secrets) { () throws(Complaint) in try secrets.run() }
        }
        if component.offer.kind == .authenticator {
            run.check(.injection) { () throws(Complaint) in
                try InjectionCheck(check: self, settings: settings).run()
            }
        }
        run.check(.deadline) { () throws(Complaint) in try DeadlineCheck(check: self, settings: bytes).run() }
        run.check(.concurrency) { () throws(Complaint) in
            try ConcurrencyCheck(check: self, settings: bytes).run()
        }
    }

    private func checkCreate(_ samples: [JSONValue]) throws(Complaint) -> String {
        for sample in samples {
            run.step("settings \(component.offer.schema.root.redacted(sample).serializedText())")
            do throws(PluginFault) {
                _ = try instance(sample)
            } catch {
                try accept(error)
                throw Complaint("refuses settings made from its schema: \(error.sentence)")
            }
        }
        return "accepts settings made from its schema"
    }

    /// A new instance with storage of its own.
    func instance(_ settings: JSONValue) throws(PluginFault) -> CreatedInstance {
        try CreatedInstance(
            component, settings: settings.serialized(), secrets: component.offer.schema.root.secretTexts(in: settings),
            storageKey: nil, shared: shared, limits: time.limits)
    }

    /// The services of an instance that is called without an adapter.
    func services(_ settings: JSONValue) -> HostServices {
        HostServices(
            component: component, shared: shared, storageKey: "",
            secrets: component.offer.schema.root.secretTexts(in: settings))
    }

    /// A failure is good if it is one the plugin may have and says why.
    func accept(_ fault: PluginFault) throws(Complaint) {
        if fault.cause == .fault { throw Complaint(fault.sentence) }
        if component.isSilence(fault.sentence) { throw Complaint("\(fault.sentence); report a sentence first") }
        if fault.sentence.contains(redactionMark) {
            throw Complaint("puts a secret setting into the sentence it reports")
        }
        if fault.sentence.unicodeScalars.contains("\u{FFFD}") {
            throw Complaint("reports a sentence that is not UTF-8")
        }
    }

    /// Makes a call on a fresh instance and takes failures the plugin may have for an answer, nil. A call that was late
    /// because the machine was busy elsewhere is made again, with more time; one that is late by itself is a complaint.
    func trying<Adapter, Answer>(
        _ make: () throws(PluginFault) -> Adapter, _ call: (Adapter) throws(PluginFault) -> Answer
    ) throws(Complaint) -> Answer? {
        defer { time.isGenerous = false }
        var lateness: String?
        for attempt in 1...Self.triesUntilLate {
            let start = OwnTime.now()
            do throws(PluginFault) {
                return try call(try make())
            } catch {
                guard error.cause == .overrun else {
                    try accept(error)
                    return nil
                }
                lateness = lateness ?? error.sentence
                if time.isGenerous || attempt == Self.triesUntilLate { throw Complaint(lateness ?? "") }
                time.isGenerous = OwnTime.now() - start <= limits.pluginCall.inNanoseconds
            }
        }
        return nil
    }
}

/// How long the instances of a check may take.
private final class AllowedTime {
    var isGenerous = false

    var limits: Limits {
        var limits = Limits()
        if isGenerous {
            limits.pluginCall *= 40
            limits.pluginCreate *= 5
        }
        return limits
    }
}
