import JSON

/// A call whose deadline has passed before it began, and that nobody waits for: it comes back soon, whatever it
/// returns.
struct DeadlineCheck {
    let check: ComponentCheck
    let settings: [UInt8]

    func run() throws(Complaint) -> String {
        let limit = check.limits.pluginCall.inNanoseconds
        for input in HostileInputs.all.prefix(8) {
            check.run.step("with \(input.name)")
            var fastest = Int64.max
            for _ in 0..<ComponentCheck.triesUntilLate where fastest > limit {
                fastest = min(fastest, try time(WorkInput(body: input.bytes)))
            }
            guard fastest <= limit else {
                throw Complaint("went on for \(inWords(fastest)) after its deadline had passed")
            }
        }
        return "comes back at once when nobody waits any more"
    }

    private func time(_ input: WorkInput) throws(Complaint) -> Int64 {
        let host = RecordingHost()
        var status = Status.internal
        guard let instance = BareInstance(check.component, settings: settings, host: host, status: &status) else {
            throw Complaint("refuses settings it took before")
        }
        host.isCancelled = true
        let start = OwnTime.now()
        let result = instance.work(input, limit: .milliseconds(-1))
        let took = OwnTime.now() - start
        guard Status.name(result.status) != nil else {
            throw Complaint("returned status \(result.status), which the interface does not have")
        }
        return took
    }
}
