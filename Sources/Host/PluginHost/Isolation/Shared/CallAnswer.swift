import Ports

/// What the child says a call came to.
struct CallAnswer: Equatable {
    enum Result: Equatable {
        case done
        case payload(TransformedPayload)
        case headers([HeaderField])
        case needsFetch(FetchRequest)
        case renewable(Bool)
        case decision(RetryDecision)
        case fault(PluginFault)
    }

    var result: Result
    /// What the plugin asked of the host's services meanwhile, in order.
    var remarks: [Remark] = []

    /// False if it does not fit.
    func write(to wire: inout WireWriter) -> Bool {
        wire.write(UInt32(remarks.count))
        for remark in remarks { remark.write(to: &wire) }
        switch result {
        case .done:
            wire.write(1 as UInt8)
        case .payload(let output):
            wire.write(2 as UInt8)
            wire.write(output.contentType ?? "")
            wire.write(output.bytes)
        case .headers(let headers):
            wire.write(3 as UInt8)
            wire.write(headers)
        case .needsFetch(let request):
            wire.write(4 as UInt8)
            wire.write(request.method)
            wire.write(request.url)
            wire.write(request.headers)
            wire.write(request.body)
        case .renewable(let isRenewable):
            wire.write(5 as UInt8)
            wire.write(isRenewable)
        case .decision(.giveUp):
            wire.write(6 as UInt8)
        case .decision(.again(let delay)):
            wire.write(7 as UInt8)
            wire.write(delay.inMilliseconds)
        case .fault(let fault):
            wire.write(8 as UInt8)
            fault.write(to: &wire)
        }
        return !wire.isOverfull
    }

    init(result: Result, remarks: [Remark] = []) {
        self.result = result
        self.remarks = remarks
    }

    init(from wire: inout WireReader) throws(Malformed) {
        for _ in 0..<(try wire.count(max: Remark.perCallMax)) { remarks.append(try Remark(from: &wire)) }
        switch try wire.byte() {
        case 1: result = .done
        case 2:
            let type = try wire.text()
            result = .payload(TransformedPayload(try wire.bytes(), contentType: type.isEmpty ? nil : type))
        case 3: result = .headers(try wire.headers(max: HeaderRules.fieldsMax))
        case 4:
            result = .needsFetch(
                FetchRequest(
                    method: try wire.text(), url: try wire.text(),
                    headers: try wire.headers(max: HeaderRules.fieldsMax), body: try wire.bytes()))
        case 5: result = .renewable(try wire.flag())
        case 6: result = .decision(.giveUp)
        case 7:
            let delay = try wire.signed()
            guard (0...Interface.retryDelayMillisecondsMax).contains(delay) else { throw Malformed() }
            result = .decision(.again(after: .milliseconds(delay)))
        case 8: result = .fault(try PluginFault(from: &wire))
        default: throw Malformed()
        }
        try wire.finish()
    }
}

extension PluginFault {
    func write(to wire: inout WireWriter) {
        wire.write(cause.rawValue)
        wire.write(sentence)
        wire.write(Int64(position ?? -1))
    }

    /// The component's name is the reader's to fill in.
    init(from wire: inout WireReader) throws(Malformed) {
        guard let cause = Cause(rawValue: try wire.text()) else { throw Malformed() }
        let sentence = try wire.text()
        let position = Int(try wire.signed())
        self.init(component: "", cause: cause, sentence: sentence, position: position < 0 ? nil : position)
    }
}
