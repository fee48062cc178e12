import PluginAPI

/// The C functions of kind `hks.authenticator/1`, the same for each authenticator in Swift.
enum AuthenticatorCalls {
    // Written once and read only; never freed.
    nonisolated(unsafe) static let table = UnsafePointer(
        forever(
            hks_authenticator_calls(
                struct_size: size(of: hks_authenticator_calls.self), reserved: 0,
                authenticate: { instance, call, request, authentication in
                    guard let instance, let call, let request, let authentication else { return Int32(HKS_INTERNAL) }
                    return authenticate(
                        .from(instance), Call(table: call), OutgoingRequest(table: request), authentication)
                },
                fetched: { instance, call, response in
                    guard let instance, let call, let response else { return Int32(HKS_INTERNAL) }
                    let holder = Holder<any Authenticator>.from(instance)
                    return holder.status {
                        try holder.component.fetched(FetchResponse(table: response), Call(table: call))
                        return HKS_OK
                    }
                },
                rejected: { instance, call, status in
                    guard let instance, let call else { return Int32(HKS_INTERNAL) }
                    let holder = Holder<any Authenticator>.from(instance)
                    let canRetry = holder.component.rejected(status: Int(status), Call(table: call))
                    return Int32(canRetry ? HKS_RETRYABLE : HKS_OK)
                })))

    private static func authenticate(
        _ holder: Holder<any Authenticator>, _ call: Call, _ request: OutgoingRequest,
        _ authentication: UnsafePointer<hks_authentication>
    ) -> Int32 {
        holder.status {
            switch try holder.component.authenticate(request, call) {
            case .headers(let fields):
                for field in fields { try set(field.name, field.value, authentication) }
                return HKS_OK
            case .fetch(let request):
                try fetch(request, authentication)
                return HKS_NEED_FETCH
            }
        }
    }

    private static func set(
        _ name: String, _ value: Secret, _ authentication: UnsafePointer<hks_authentication>
    ) throws(PluginError) {
        let status = name.withBytes { name in
            value.withBytes { authentication.pointee.set_header(authentication, name, hks_bytes($0)) }
        }
        guard status == HKS_OK else { throw .permanent("The host refused the header \(name).") }
    }

    private static func fetch(
        _ request: FetchRequest, _ authentication: UnsafePointer<hks_authentication>
    ) throws(PluginError) {
        let status = withHeaders(request.headers[...], []) { headers in
            request.method.withBytes { method in
                request.url.withBytes { url in
                    request.body.withBytes { body in
                        var table = hks_fetch_request(
                            struct_size: size(of: hks_fetch_request.self), header_count: UInt32(headers.count),
                            method: method, url: url, headers: headers.baseAddress, body: hks_bytes(body))
                        return authentication.pointee.fetch(authentication, &table)
                    }
                }
            }
        }
        guard status == HKS_OK else { throw .permanent("The host refused to make the request that was asked for.") }
    }

    /// Lends all header fields at once, which takes one nested scope for each.
    private static func withHeaders(
        _ fields: ArraySlice<(name: String, value: Secret)>, _ lent: [hks_header],
        _ body: (UnsafeBufferPointer<hks_header>) -> Int32
    ) -> Int32 {
        guard let field = fields.first else { return lent.withUnsafeBufferPointer(body) }
        return field.name.withBytes { name in
            field.value.withBytes { value in
                withHeaders(fields.dropFirst(), lent + [hks_header(name: name, value: hks_bytes(value))], body)
            }
        }
    }
}
