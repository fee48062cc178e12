import JSON
import Ports

/// Tries a transformer with every input, twice: it is a function of its settings and the payload alone.
struct TransformerCheck {
    private let check: ComponentCheck
    private let settings: JSONValue
    private let inputs = HostileInputs.all

    init(_ check: ComponentCheck, _ settings: JSONValue) {
        self.check = check
        self.settings = settings
    }

    func runAll() {
        check.run.check(.work) { () throws(Complaint) in
            for input in inputs {
                check.run.step("with \(input.name)")
                _ = try output(input.bytes)
            }
            return "\(inputs.count) payloads answered with a result or a reason"
        }
        check.run.check(.repeatability) { () throws(Complaint) in
            for input in inputs {
                check.run.step("with \(input.name)")
                let (first, second) = try outputTwice(input.bytes)
                let again = try output(input.bytes)
                guard first == second, first == again else {
                    throw Complaint("gives another result for the same payload (\(input.name))")
                }
            }
            return "the same payload gives the same result"
        }
        if check.run.plan.promises.contains(.json) {
            check.run.check(.json) { () throws(Complaint) in try checkJSON() }
        }
    }

    /// As its author promised.
    private func checkJSON() throws(Complaint) -> String {
        var made = 0
        for input in inputs where (try? JSONValue(parsing: input.bytes)) != nil {
            check.run.step("with \(input.name)")
            guard let output = try output(input.bytes)?.bytes else { continue }
            made += 1
            do throws(JSONError) {
                _ = try JSONValue(parsing: output)
            } catch {
                throw Complaint("makes no JSON of \(input.name): \(error.sentence) (at byte \(error.offset))")
            }
        }
        return "\(made) results are JSON"
    }

    private func output(_ payload: [UInt8]) throws(Complaint) -> TransformedPayload? {
        try check.trying(adapter) { adapter throws(PluginFault) in try adapter.transform(payload, Self.context) }
    }

    /// Both from one instance.
    private func outputTwice(
        _ payload: [UInt8]
    ) throws(Complaint) -> (TransformedPayload?, TransformedPayload?) {
        let both = try check.trying(adapter) { adapter throws(PluginFault) in
            (try adapter.transform(payload, Self.context), try adapter.transform(payload, Self.context))
        }
        return (both?.0, both?.1)
    }

    private func adapter() throws(PluginFault) -> TransformerAdapter {
        TransformerAdapter(try check.instance(settings), sizeMax: check.limits.transformedBytes)
    }

    private static let context = PluginCallContext.sample
}
