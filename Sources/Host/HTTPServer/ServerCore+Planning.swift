import CMicrohttpd
import Domain
import Glibc

extension ServerCore {
    /// Copies what the handler will need out of the connection and decides what to do with the request.
    func plan(
        _ connection: OpaquePointer, method: UnsafePointer<CChar>, path: UnsafePointer<CChar>,
        version: UnsafePointer<CChar>, from address: String
    ) -> (HTTPRequest, RequestPlan, BodyCollector) {
        var request = HTTPRequest(
            method: String(cString: method), path: String(cString: path), remoteAddress: address)
        let headerBytes = microhttpd_header_bytes(connection)
        let head = UnsafeRawBufferPointer(start: method, count: headerBytes)
        let (fields, isPlain) = copyFields(connection, head)
        request.headerFields = fields
        let wanted = request.header("X-Request-Id")
        request.id = wanted.flatMap { RequestIDs.isFit($0) ? $0 : nil } ?? requestIDs.make()
        let isHTTP10 = strcmp(version, "HTTP/1.0") == 0
        var framing = BodyFraming(fields, isHTTP10: isHTTP10)
        // The library takes any method, and versions in lower case.
        let isLineSound =
            request.method.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && (isHTTP10 || strcmp(version, "HTTP/1.1") == 0)
        if !isPlain || !isLineSound { framing.isAmbiguous = true }
        let plan = plan(&request, connection, path: path, headerBytes: headerBytes, framing)
        var limit = configuration.bodyBytes
        var keeps = false
        if case .handle(let route) = plan {
            limit = routes[route].bodyLimit ?? limit
            keeps = true
        }
        let body = BodyCollector(
            limit: limit, announced: framing.contentLength, keeps: keeps, budget: bodyBudget)
        return (request, plan, body)
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
        guard let segments else { return refuse(request.path.isExactly("*") ? 404 : 400) }
        switch router.match(request.method, segments) {
        case .notFound: return refuse(404)
        case .badPath: return refuse(400)
        case .methodNotAllowed(let allow):
            if request.method.isExactly("OPTIONS"), let response = configuration.optionsHandler?(request, allow) {
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

/// head: all of the request before its body, as it lies in libmicrohttpd's buffer. isPlain: the fields are all that is
/// in it, which is not so if a line was folded, a value has a NUL in it, or a field was passed over.
private func copyFields(
    _ connection: OpaquePointer, _ head: UnsafeRawBufferPointer
) -> (fields: HeaderFields, isPlain: Bool) {
    var copy = FieldCopy(check: HeadCheck(head))
    copy.fields.reserve(bytes: head.count)
    withUnsafeMutablePointer(to: &copy) { copy in
        _ = MHD_get_connection_values_n(
            connection, .HEADER_KIND,
            { context, _, name, nameLength, value, valueLength in
                let copy = context!.assumingMemoryBound(to: FieldCopy.self)
                let (name, value) = (byteView(name, nameLength), byteView(value, valueLength))
                copy.pointee.check.pass(name: UnsafeRawBufferPointer(name), value: UnsafeRawBufferPointer(value))
                copy.pointee.fields.append(name: name, value: value)
                return .YES
            }, copy)
    }
    return (copy.fields, copy.check.isPassed)
}

private struct FieldCopy {
    var fields = HeaderFields()
    var check: HeadCheck
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
