import Domain
import Ports

/// What the host asks of the child in one call.
struct CallRequest: Equatable {
    enum Work: Equatable {
        /// component: its place in the library's report. kept: what is in the instance's storage.
        case create(component: Int, settings: [UInt8], storageKey: String?, kept: [StoredValue])
        case destroy
        case apply([UInt8])
        case authenticate(method: String, url: String, headers: [HeaderField], body: [UInt8])
        case fetched(status: Int, headers: [HeaderField], body: [UInt8])
        case rejected(status: Int)
        case decide(RetryFailure)
    }

    /// The host's number for the instance, never used twice.
    var instance: UInt64
    var context = PluginCallContext()
    var work: Work

    func write(to wire: inout WireWriter) {
        wire.write(instance)
        context.write(to: &wire)
        switch work {
        case .create(let component, let settings, let storageKey, let kept):
            wire.write(1 as UInt8)
            wire.write(UInt32(component))
            wire.write(settings)
            wire.write(storageKey != nil)
            wire.write(storageKey ?? "")
            wire.write(UInt32(kept.count))
            for value in kept { value.write(to: &wire) }
        case .destroy:
            wire.write(2 as UInt8)
        case .apply(let payload):
            wire.write(3 as UInt8)
            wire.write(payload)
        case .authenticate(let method, let url, let headers, let body):
            wire.write(4 as UInt8)
            wire.write(method)
            wire.write(url)
            wire.write(headers)
            wire.write(body)
        case .fetched(let status, let headers, let body):
            wire.write(5 as UInt8)
            wire.write(Int64(status))
            wire.write(headers)
            wire.write(body)
        case .rejected(let status):
            wire.write(6 as UInt8)
            wire.write(Int64(status))
        case .decide(let failure):
            wire.write(7 as UInt8)
            failure.write(to: &wire)
        }
    }

    init(instance: UInt64, context: PluginCallContext = PluginCallContext(), work: Work) {
        self.instance = instance
        self.context = context
        self.work = work
    }

    init(from wire: inout WireReader) throws(Malformed) {
        instance = try wire.number()
        context = try PluginCallContext(from: &wire)
        switch try wire.byte() {
        case 1:
            let component = Int(try wire.word())
            let settings = try wire.bytes()
            let hasKey = try wire.flag()
            let key = try wire.text()
            var kept: [StoredValue] = []
            for _ in 0..<(try wire.count(max: InstanceStorage.valuesPerInstanceMax)) {
                kept.append(try StoredValue(from: &wire))
            }
            work = .create(component: component, settings: settings, storageKey: hasKey ? key : nil, kept: kept)
        case 2: work = .destroy
        case 3: work = .apply(try wire.bytes())
        case 4:
            work = .authenticate(
                method: try wire.text(), url: try wire.text(), headers: try wire.headers(max: Self.headersMax),
                body: try wire.bytes())
        case 5:
            work = .fetched(
                status: Int(try wire.signed()), headers: try wire.headers(max: Self.headersMax),
                body: try wire.bytes())
        case 6: work = .rejected(status: Int(try wire.signed()))
        case 7: work = .decide(try RetryFailure(from: &wire))
        default: throw Malformed()
        }
        try wire.finish()
    }

    /// More than any request or answer has.
    private static let headersMax = 10_000
}

extension PluginCallContext: Equatable {
    package static func == (one: Self, other: Self) -> Bool {
        one.tenantID == other.tenantID && one.destinationID == other.destinationID && one.eventID == other.eventID
            && one.attemptNumber == other.attemptNumber
    }

    func write(to wire: inout WireWriter) {
        wire.write(Int64(attemptNumber))
        wire.write(tenantID)
        wire.write(destinationID)
        wire.write(eventID)
    }

    init(from wire: inout WireReader) throws(Malformed) {
        let attemptNumber = Int(try wire.signed())
        self.init(
            tenantID: try wire.id(), destinationID: try wire.id(), eventID: try wire.id(),
            attemptNumber: attemptNumber)
    }
}

extension RetryFailure {
    func write(to wire: inout WireWriter) {
        wire.write(Int64(attemptNumber))
        wire.write(Int64(attemptsMax))
        wire.write(UInt8(OutcomeClass.allCases.firstIndex(of: outcome)!))
        wire.write(Int64(httpStatus))
        wire.write(retryAfter.map(\.inMilliseconds) ?? -1)
        wire.write(elapsed.inMilliseconds)
        wire.write(random)
    }

    init(from wire: inout WireReader) throws(Malformed) {
        let attemptNumber = Int(try wire.signed())
        let attemptsMax = Int(try wire.signed())
        let outcome = Int(try wire.byte())
        guard OutcomeClass.allCases.indices.contains(outcome) else { throw Malformed() }
        let httpStatus = Int(try wire.signed())
        let retryAfter = try wire.signed()
        self.init(
            attemptNumber: attemptNumber, attemptsMax: attemptsMax, outcome: OutcomeClass.allCases[outcome],
            httpStatus: httpStatus, retryAfter: retryAfter < 0 ? nil : .milliseconds(retryAfter),
            elapsed: .milliseconds(try wire.signed()), random: try wire.number())
    }
}

extension WireWriter {
    mutating func write(_ headers: [HeaderField]) {
        write(UInt32(headers.count))
        for header in headers {
            write(header.name)
            write(header.value)
        }
    }

    mutating func write<Of>(_ id: ID<Of>?) {
        write(id != nil)
        guard let id else { return }
        write(id.high)
        write(id.low)
    }
}

extension WireReader {
    mutating func headers(max: Int) throws(Malformed) -> [HeaderField] {
        let count = try count(max: max)
        var headers: [HeaderField] = []
        headers.reserveCapacity(count)
        for _ in 0..<count { headers.append(HeaderField(try text(), try text())) }
        return headers
    }

    mutating func id<Of>() throws(Malformed) -> ID<Of>? {
        guard try flag() else { return nil }
        return ID(high: try number(), low: try number())
    }
}
