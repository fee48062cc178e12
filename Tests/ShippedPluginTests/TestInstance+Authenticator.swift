import PluginAPI

/// What `authenticate` came to.
struct Authentication: Equatable {
    struct Fetch: Equatable {
        var method: String
        var url: String
        var headers: [String]
        var body: String
    }

    var headers: [String] = []
    var fetch: Fetch?
}

/// The request that an authenticator sees.
struct TestRequest {
    var method = "POST"
    var url = "https://example.com/hook"
    var headers: [(String, String)] = []
    var body = ""
}

extension TestInstance {
    /// The headers set, as `Name: value`, or the request asked for.
    func authenticate(_ request: TestRequest = TestRequest()) throws -> Authentication {
        var recorded = Authentication()
        let status = try withUnsafeMutablePointer(to: &recorded) { recorded in
            var sink = hks_authentication(
                struct_size: UInt32(MemoryLayout<hks_authentication>.size), reserved: 0,
                context: UnsafeMutableRawPointer(recorded),
                set_header: { sink, name, value in
                    let recorded = sink!.pointee.context.assumingMemoryBound(to: Authentication.self)
                    recorded.pointee.headers.append("\(String(name)): \(String(value))")
                    return Int32(HKS_OK)
                },
                fetch: { sink, request in
                    let recorded = sink!.pointee.context.assumingMemoryBound(to: Authentication.self)
                    let request = request!.pointee
                    let headers = UnsafeBufferPointer(start: request.headers, count: Int(request.header_count))
                    recorded.pointee.fetch = Authentication.Fetch(
                        method: String(request.method), url: String(request.url),
                        headers: headers.map { "\(String($0.name)): \(String($0.value))" }, body: String(request.body))
                    return Int32(HKS_OK)
                })
            return try run(request, &sink)
        }
        guard status == HKS_OK || status == HKS_NEED_FETCH else { throw host.failure(status) }
        guard (status == HKS_NEED_FETCH) == (recorded.fetch != nil) else {
            throw TestFailure(description: "a fetch without its status, or the other way round")
        }
        return recorded
    }

    private func run(_ request: TestRequest, _ sink: inout hks_authentication) throws -> Int32 {
        request.method.withBytes { method in
            request.url.withBytes { url in
                request.body.withBytes { body in
                    withHeaders(request.headers[...], []) { headers in
                        var table = hks_request(
                            struct_size: UInt32(MemoryLayout<hks_request>.size), header_count: UInt32(headers.count),
                            method: method, url: url, headers: headers.baseAddress, body: body)
                        return withCall {
                            calls(hks_authenticator_calls.self).authenticate(pointer, $0, &table, &sink)
                        }
                    }
                }
            }
        }
    }

    /// Lends all header fields at once, which takes one nested scope for each.
    private func withHeaders(
        _ fields: ArraySlice<(String, String)>, _ lent: [hks_header],
        _ body: (UnsafeBufferPointer<hks_header>) -> Int32
    ) -> Int32 {
        guard let (name, value) = fields.first else { return lent.withUnsafeBufferPointer(body) }
        return name.withBytes { name in
            value.withBytes { value in
                withHeaders(fields.dropFirst(), lent + [hks_header(name: name, value: value)], body)
            }
        }
    }

    func fetched(_ httpStatus: Int, _ body: String) throws {
        let status = body.withBytes { body in
            var response = hks_fetch_response(
                struct_size: UInt32(MemoryLayout<hks_fetch_response>.size), http_status: UInt32(httpStatus),
                reserved: 0,
                header_count: 0, headers: nil, body: body)
            return withCall { calls(hks_authenticator_calls.self).fetched(pointer, $0, &response) }
        }
        guard status == HKS_OK else { throw host.failure(status) }
    }

    /// True: the credential was dropped, try again.
    func rejected(_ httpStatus: Int) -> Bool {
        withCall { calls(hks_authenticator_calls.self).rejected(pointer, $0, UInt32(httpStatus)) } == HKS_RETRYABLE
    }
}
