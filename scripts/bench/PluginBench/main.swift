// make bench-plugins: one call into a plugin in the host, in a process of its own, and of an empty C function, side by
// side in one run. The release build's shipped libraries, through the catalog, as the chain uses them.
import Domain
import Glibc
import PluginHost
import Ports

let directory = folder(ofExecutable: "/proc/self/exe")

/// A catalog over the libraries beside this program.
func catalog(_ mode: PluginIsolation.Mode) -> PluginRegistry {
    let registry = PluginRegistry(
        directories: [directory], ignoredPrefixes: ["libFault_"],
        isolation: PluginIsolation(
            standard: mode, executable: "\(directory)/hooksentry", arguments: ["plugin-host"]))
    registry.load()
    return registry
}

/// The three things that are measured, by one catalog's instances.
struct Subjects {
    let authenticator: any AuthenticatorInstance
    let mapping: any TransformerInstance
    let policy: any RetryPolicyInstance

    init(_ catalog: PluginRegistry) throws {
        authenticator = try catalog.makeAuthenticator(
            "BasicAuth", settings: Array(#"{"username":"user","password":"password"}"#.utf8), storageKey: "a")
        mapping = try catalog.makeTransformer(
            "Mapping", settings: Array(#"{"id":"id","type":"type","text":"text"}"#.utf8), storageKey: "m")
        policy = try catalog.makeRetryPolicy(
            "Fixed", settings: Array(#"{"delaySeconds":1}"#.utf8), storageKey: "r")
    }
}

let payload = Array(#"{"id":17,"type":"order.paid","text":"\#(String(repeating: "x", count: 2_000))"}"#.utf8)
let headers = ["Content-Type", "User-Agent", "webhook-id", "webhook-timestamp", "traceparent"].map {
    HeaderField($0, "a value of some thirty characters")
}
let context = PluginCallContext(
    tenantID: TenantID(high: 1, low: 2), destinationID: DestinationID(high: 3, low: 4),
    eventID: EventID(high: 5, low: 6), attemptNumber: 1)
let failure = RetryFailure(
    attemptNumber: 1, attemptsMax: 6, outcome: .timeout, httpStatus: 0, retryAfter: nil, elapsed: .seconds(1),
    random: 7)

typealias EmptyFunction = @convention(c) (UnsafeMutableRawPointer?) -> Int32
/// In memory, so that the call cannot be left out.
let empty = UnsafeMutablePointer<EmptyFunction>.allocate(capacity: 1)
empty.initialize(to: { _ in 0 })

let host = catalog(.inProcess)
let children = catalog(.process)
let (here, there) = (try Subjects(host), try Subjects(children))
let rows: [(name: String, call: () throws -> Void)] = [
    ("empty C function", { _ = empty.pointee(nil) }),
    ("authenticator (BasicAuth, C), in the host", { try authenticate(here) }),
    ("authenticator (BasicAuth, C), own process", { try authenticate(there) }),
    ("mapping of 2 KB (Swift), in the host", { _ = try here.mapping.apply(payload, context) }),
    ("mapping of 2 KB (Swift), own process", { _ = try there.mapping.apply(payload, context) }),
    ("retry decision (Fixed, Swift), in the host", { _ = try here.policy.decide(failure, context) }),
    ("retry decision (Fixed, Swift), own process", { _ = try there.policy.decide(failure, context) }),
]

func authenticate(_ subjects: Subjects) throws {
    _ = try subjects.authenticator.authenticate(
        method: "POST", url: "https://example.com/hooks/17", headers: headers, body: payload, context)
}

// Rounds over all rows, so that what else the machine does hits all of them alike.
var samples = rows.map { _ in Samples() }
for round in 0..<20 {
    for (index, row) in rows.enumerated() {
        for _ in 0..<200 { try row.call() }
        try samples[index].take(calls: round == 0 ? 0 : 1_000, row.call)
    }
}
print("  one call, microseconds                              p50      p99     mean")
for (row, samples) in zip(rows, samples) { print(samples.line(row.name)) }
// With a pause before each call, as between the attempts of a quiet system: nobody spins any more.
print("  after 2 ms without a call")
for (row, seconds) in zip(rows, rows.map { _ in 300 }) {
    var samples = Samples()
    try samples.take(calls: seconds, pause: 2_000, row.call)
    print(samples.line(row.name))
}
children.stop()
