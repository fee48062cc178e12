import CMalloc
import Glibc
import JSON
import Ports

/// What instances and calls leave behind once they are gone: nothing.
struct BalanceCheck {
    /// Less than the smallest block of malloc for each instance.
    static let heapGrowthBytesMax = 16 << 10
    /// Less than a page for each; what malloc itself keeps for later is well below.
    static let residentGrowthBytesMax = 8 << 20
    /// Of slow instances fewer are made: a check that says nothing for long counts as one that hangs.
    private static let nanosecondsMax: Int64 = 5_000_000_000
    private static let callsWanted = 1_000

    let check: ComponentCheck
    let settings: JSONValue

    func checkInstances() throws(Complaint) -> String {
        try measure(check.run.plan.instances, "instances were destroyed") { () throws(Complaint) in
            do throws(PluginFault) { _ = try check.instance(settings) } catch { throw Complaint(error.sentence) }
        }
    }

    /// Whatever the calls came to: other checks look at that.
    func checkCalls() throws(Complaint) -> String {
        let bytes = settings.serialized()
        let inputs = HostileInputs.all.filter { $0.bytes.count < 10_000 }.map {
            WorkInput(body: $0.bytes)
        }
        let host = RecordingHost()
        let count = min(Self.callsWanted, check.run.plan.instances)
        return try measure(count, "instances that had worked were destroyed") { () throws(Complaint) in
            var status = Status.internal
            let instance = BareInstance(check.component, settings: bytes, host: host, status: &status)
            for input in inputs.prefix(4) { _ = instance?.work(input) }
            host.forget()
        }
    }

    private func measure(
        _ count: Int, _ what: String, _ makeOne: () throws(Complaint) -> Void
    ) throws(Complaint) -> String {
        // What is made once and kept, caches included, is made now.
        for _ in 0..<100 { try makeOne() }
        let heap = malloc_bytes_in_use()
        let resident = Self.residentBytes()
        let end = monotonicNanoseconds() + Self.nanosecondsMax
        var made = 0
        while made < count && monotonicNanoseconds() < end {
            try makeOne()
            made += 1
            if made % 500 == 0 { check.run.step("after \(made)") }
        }
        let growth = Int(malloc_bytes_in_use()) - Int(heap)
        guard growth <= Self.heapGrowthBytesMax else {
            throw Complaint("keeps \(growth) bytes after \(made) \(what)")
        }
        let pages = Self.residentBytes() - resident
        guard pages <= Self.residentGrowthBytesMax else {
            throw Complaint("keeps \(pages >> 10) KiB of pages after \(made) \(what)")
        }
        return "\(max(0, growth)) bytes kept after \(made) \(what)"
    }

    private static func residentBytes() -> Int {
        guard let file = fopen("/proc/self/statm", "re") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let fields = text.split(separator: " ")
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
