import PluginAPI
import Ports

/// The `hks_authentication` of one authenticator instance: collects the headers and the fetch of one call.
final class AuthenticationSink {
    let pointer: UnsafeMutablePointer<hks_authentication>
    private var isOpen = false
    private var headers = HeaderCollection()
    private(set) var fetch: FetchRequest?
    /// What the plugin did wrong in this call, in the words that follow its name.
    private(set) var brokenRule: String?

    init() {
        pointer = .allocate(capacity: 1)
        pointer.initialize(
            to: hks_authentication(
                struct_size: UInt32(MemoryLayout<hks_authentication>.size), reserved: 0, context: nil,
                set_header: sinkSetHeader, fetch: sinkFetch))
        // Not retained: the plugin may use it only during a call, and the adapter that makes the call owns it.
        pointer.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    }

    deinit { pointer.deallocate() }

    var fields: [HeaderField] { headers.fields }

    func open() {
        headers.removeAll()
        fetch = nil
        brokenRule = nil
        isOpen = true
    }

    func close() { isOpen = false }

    fileprivate func setHeader(_ name: hks_bytes, _ value: hks_bytes) -> Int32 {
        guard isOpen else { return Status.permanent }
        guard let name = name.view(limit: HeaderRules.bytesMax), let value = value.view(limit: HeaderRules.bytesMax)
        else { return refuse("set a header of more than \(HeaderRules.bytesMax >> 10) KiB") }
        if let rule = headers.add(name: name, value: value, allowsReserved: false) { return refuse(rule) }
        return Status.ok
    }

    fileprivate func askForFetch(_ pointer: UnsafePointer<hks_fetch_request>?) -> Int32 {
        guard isOpen else { return Status.permanent }
        guard fetch == nil else { return refuse("asked for two fetches in one call") }
        guard let pointer, let request = readGrowing(pointer, zero: hks_fetch_request()) else {
            return refuse("asked for a fetch with a request that is null or too short")
        }
        switch Self.read(request) {
        case .success(let request): fetch = request
        case .failure(let refused): return refuse(refused.sentence)
        }
        return Status.ok
    }

    private static func read(_ request: hks_fetch_request) -> Result<FetchRequest, Refused> {
        let method = request.method.text(limit: FetchRules.methodBytesMax) ?? ""
        let url = request.url.text(limit: FetchRules.urlBytesMax) ?? ""
        guard let body = request.body.copied(limit: FetchRules.bodyBytesMax) else {
            return .failure(Refused("asked for a fetch with a body over \(FetchRules.bodyBytesMax >> 10) KiB"))
        }
        var fields: [HeaderField] = []
        let count = Int(request.header_count)
        guard count <= HeaderRules.fieldsMax, count == 0 || request.headers != nil else {
            return .failure(Refused("asked for a fetch with more than \(HeaderRules.fieldsMax) headers"))
        }
        for index in 0..<count {
            let field = request.headers[index]
            guard let name = field.name.view(limit: HeaderRules.bytesMax),
                let value = field.value.view(limit: HeaderRules.bytesMax)
            else { return .failure(Refused("asked for a fetch with a header over \(HeaderRules.bytesMax >> 10) KiB")) }
            guard let valueText = String(validating: value, as: UTF8.self) else {
                return .failure(Refused("asked for a fetch with a header that is not UTF-8"))
            }
            fields.append(HeaderField(String(decoding: name, as: UTF8.self), valueText))
        }
        let fetch = FetchRequest(method: method, url: url, headers: fields, body: body)
        if let rule = FetchRules.brokenRule(fetch) { return .failure(Refused(rule)) }
        return .success(fetch)
    }

    private func refuse(_ rule: String) -> Int32 {
        if brokenRule == nil { brokenRule = rule }
        return Status.permanent
    }
}

private func sink(_ authentication: UnsafePointer<hks_authentication>?) -> AuthenticationSink? {
    guard let context = authentication?.pointee.context else { return nil }
    return Unmanaged<AuthenticationSink>.fromOpaque(context).takeUnretainedValue()
}

private func sinkSetHeader(
    _ authentication: UnsafePointer<hks_authentication>?, _ name: hks_bytes, _ value: hks_bytes
) -> Int32 {
    sink(authentication)?.setHeader(name, value) ?? Status.permanent
}

private func sinkFetch(
    _ authentication: UnsafePointer<hks_authentication>?, _ request: UnsafePointer<hks_fetch_request>?
) -> Int32 {
    sink(authentication)?.askForFetch(request) ?? Status.permanent
}
