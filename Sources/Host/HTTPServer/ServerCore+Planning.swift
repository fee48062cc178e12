import CMicrohttpd
import Glibc

extension ServerCore {
    /// Copies what the handler will need out of the connection and decides what to do with the request.
    func plan(
        _ connection: OpaquePointer, method: UnsafePointer<CChar>, path: UnsafePointer<CChar>, from address: String
    ) -> (HTTPRequest, RequestPlan, BodyCollector) {
        var request = HTTPRequest(
            method: String(cString: method), path: String(cString: path), remoteAddress: address)
        let headerBytes = microhttpd_header_bytes(connection)
        request.headerFields = copyFields(connection, bytes: headerBytes)
        let wanted = request.header("X-Request-Id")
        request.id = wanted.flatMap { RequestIDs.isFit($0) ? $0 : nil } ?? requestIDs.make()
        let framing = BodyFraming(request.headerFields)
        let plan = plan(&request, connection, path: path, headerBytes: headerBytes, framing)
        var limit = configuration.bodyBytes
        var keeps = false
        if case .handle(let route) = plan {
            limit = routes[route].bodyLimit ?? limit
            keeps = true
        }
        return (request, plan, BodyCollector(limit: limit, expected: framing.contentLength ?? 0, keeps: keeps))
    }

    private func plan(
        _ request: inout HTTPRequest, _ connection: OpaquePointer, path: UnsafePointer<CChar>, headerBytes: Int,
        _ framing: BodyFraming
    ) -> RequestPlan {
        func refuse(_ status: Int, _ headers: [(name: String, value: String)] = [], route: Int? = nil) -> RequestPlan {
            let response = HTTPResponse(status: status, headers: headers)
            // A client that asks before it sends gets its answer before it sends.
            let isCheap = !framing.expectsContinue && (framing.contentLength ?? 0) <= BodyCollector.dropBytes
            return isCheap ? .refuse(response, route: route) : .refuseAtOnce(response, route: route)
        }
        if headerBytes > configuration.headerBytes { return .refuseAtOnce(HTTPResponse(status: 431), route: nil) }
        if framing.isAmbiguous { return .refuseAtOnce(HTTPResponse(status: 400), route: nil) }
        let pathBytes = UnsafeBufferPointer(start: path, count: strlen(path))
        let segments = pathBytes.withMemoryRebound(to: UInt8.self) { PathSegments($0) }
        guard let query = copyQuery(connection) else { return refuse(400) }
        request.query = query
        guard let segments else { return refuse(request.path == "*" ? 404 : 400) }
        switch router.match(request.method, segments) {
        case .notFound: return refuse(404)
        case .badPath: return refuse(400)
        case .methodNotAllowed(let allow):
            if request.method == "OPTIONS", let response = configuration.optionsHandler?(request, allow) {
                return .refuse(response, route: nil)
            }
            return refuse(405, [("Allow", allow)])
        case .route(let route, let parameters):
            request.parameters = parameters
            let limit = routes[route].bodyLimit ?? configuration.bodyBytes
            if let length = framing.contentLength, length > limit {
                return .refuseAtOnce(HTTPResponse(status: 413), route: route)
            }
            return .handle(route: route)
        }
    }
}

private func copyFields(_ connection: OpaquePointer, bytes: Int) -> HeaderFields {
    var fields = HeaderFields()
    fields.reserve(bytes: bytes)
    withUnsafeMutablePointer(to: &fields) { fields in
        _ = MHD_get_connection_values_n(
            connection, .HEADER_KIND,
            { context, _, name, nameLength, value, valueLength in
                context!.assumingMemoryBound(to: HeaderFields.self).pointee.append(
                    name: byteView(name, nameLength), value: byteView(value, valueLength))
                return .YES
            }, fields)
    }
    return fields
}

private struct QueryCopy {
    var fields: [(name: String, value: String)] = []
    var isBad = false
}

/// Nil if an escape is bad or a text is not UTF-8.
private func copyQuery(_ connection: OpaquePointer) -> [(name: String, value: String)]? {
    var copy = QueryCopy()
    withUnsafeMutablePointer(to: &copy) { copy in
        _ = MHD_get_connection_values_n(
            connection, .GET_ARGUMENT_KIND,
            { context, _, name, nameLength, value, valueLength in
                let copy = context!.assumingMemoryBound(to: QueryCopy.self)
                guard let name = percentDecoded(byteView(name, nameLength)),
                    let value = percentDecoded(byteView(value, valueLength))
                else {
                    copy.pointee.isBad = true
                    return .NO
                }
                copy.pointee.fields.append((name, value))
                return .YES
            }, copy)
    }
    return copy.isBad ? nil : copy.fields
}

private func byteView(_ text: UnsafePointer<CChar>?, _ length: Int) -> UnsafeBufferPointer<UInt8> {
    // CChar and UInt8 have the same layout, and the view is used up within the callback.
    UnsafeBufferPointer(
        start: UnsafeRawPointer(text)?.assumingMemoryBound(to: UInt8.self), count: text == nil ? 0 : length)
}
