import CMalloc
import Domain
import JSON
import Ports

/// Tries one component out. What the border's rules forbid is found by the same adapters that deliveries use.
struct ComponentCheck {
    static let instancesForBalance = 1_000
    /// Less than the smallest block of malloc for each instance.
    static let heapGrowthBytesMax = 16 << 10
    /// A machine that is busy elsewhere can make any call late once.
    static let triesUntilLate = 3

    let component: Component
    let run: CheckRun
    let limits = Limits()
    private let shared = HostServices.Shared(storage: InstanceStorage(), isShuttingDown: HostServices.Flag())

    init(_ component: Component, _ run: CheckRun) {
        self.component = component
        self.run = run
    }

    func runAll() {
        var samples: [JSONValue] = []
        let hasSamples = run.check(PluginCheck.schema) { () throws(Complaint) in
            do throws(SampleSettings.NoSample) {
                samples = try SampleSettings.make(component.offer.schema)
            } catch {
                throw Complaint(error.sentence)
            }
            return "\(samples.count) sample\(samples.count == 1 ? "" : "s") of settings made from the schema"
        }
        guard hasSamples, run.check(PluginCheck.create, { () throws(Complaint) in try checkCreate(samples) }),
            let settings = samples.last
        else { return }
        run.check(PluginCheck.balance) { () throws(Complaint) in try checkBalance(settings) }
        switch component.offer.calls {
        case .transformer: TransformerCheck(self, settings).runAll()
        case .authenticator: AuthenticatorCheck(self, settings).runAll()
        case .retryPolicy: RetryPolicyCheck(self, settings).runAll()
        }
        let border = BorderCheck(self, settings)
        run.check(PluginCheck.bounds) { () throws(Complaint) in try border.checkBounds() }
        run.check(PluginCheck.ownership) { () throws(Complaint) in try border.checkOwnership() }
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

    private func checkBalance(_ settings: JSONValue) throws(Complaint) -> String {
        func createAndDestroy(_ count: Int) throws(Complaint) {
            for _ in 0..<count {
                do throws(PluginFault) { _ = try instance(settings) } catch { throw Complaint(error.sentence) }
            }
        }
        // What is made once and kept, caches included, is made now.
        try createAndDestroy(100)
        let before = malloc_bytes_in_use()
        try createAndDestroy(Self.instancesForBalance)
        let growth = Int(malloc_bytes_in_use()) - Int(before)
        guard growth <= Self.heapGrowthBytesMax else {
            throw Complaint("keeps \(growth) bytes after \(Self.instancesForBalance) instances were destroyed")
        }
        return "\(Self.instancesForBalance) instances created and destroyed, \(max(0, growth)) bytes kept"
    }

    /// A new instance with storage of its own.
    func instance(_ settings: JSONValue) throws(PluginFault) -> CreatedInstance {
        try CreatedInstance(
            component, settings: settings.serialized(), secrets: component.offer.schema.root.secretTexts(in: settings),
            storageKey: nil, shared: shared, limits: limits)
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

    /// Makes a call on a fresh instance and takes failures the plugin may have for an answer, nil. Late calls are
    /// repeated, and a complaint if they stay late.
    func trying<Adapter, Answer>(
        _ make: () throws(PluginFault) -> Adapter, _ call: (Adapter) throws(PluginFault) -> Answer
    ) throws(Complaint) -> Answer? {
        for attempt in 1...Self.triesUntilLate {
            do throws(PluginFault) {
                return try call(try make())
            } catch {
                guard error.cause == .overrun else {
                    try accept(error)
                    return nil
                }
                if attempt == Self.triesUntilLate { throw Complaint(error.sentence) }
            }
        }
        return nil
    }
}
