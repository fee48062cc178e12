import CMicrohttpd
import Glibc

/// The steps of an exchange, each called by libmicrohttpd on the connection's event loop.
extension Exchange {
    func headersArrived() -> MHD_Result {
        if case .refuseAtOnce(let response, _) = plan { return queue(response, isLast: true) }
        client.awaitBody()
        return .YES
    }

    func bodyArrived(_ part: UnsafeRawBufferPointer) -> MHD_Result {
        switch body.add(part) {
        case .more: return .YES
        case .enough: return .NO
        case .tooLarge:
            sendEarly(413, "Content Too Large")
            return .YES
        case .noRoom:
            sendEarly(503, "Service Unavailable", more: "Retry-After: 1\r\n")
            return .YES
        }
    }

    /// The request is complete, or its connection was resumed.
    func requestArrived() -> MHD_Result {
        if isDispatched { return answerAfterResume().map { queue($0) } ?? .YES }
        // The answer was written past libmicrohttpd, which therefore has nothing to add.
        if body.wasRefused { return .NO }
        guard body.isAsLongAsAnnounced else { return queue(HTTPResponse(status: 400), isLast: true) }
        switch plan {
        case .refuse(let response, _), .refuseAtOnce(let response, _): return queue(response)
        case .handle(let route): return dispatch(core.routes[route].handler).map { queue($0) } ?? .YES
        }
    }

    /// isLast: the connection ends with it, because what follows on it may not be what it seems.
    private func queue(_ response: HTTPResponse, isLast: Bool = false) -> MHD_Result {
        body.release()
        var response = admit(response)
        core.configuration.responseFilter?(request, &response)
        core.metrics(of: route).count(status: response.status, since: started)
        if let stream = response.stream {
            client.streaming(stream)
            // In this order: either the stopping server sees the stream, or we see that it stops.
            if core.isDraining { stream.end() }
        } else {
            client.answering()
        }
        guard let message = makeMessage(response, isLast: isLast || core.isDraining) else { return .NO }
        defer { MHD_destroy_response(message) }
        return MHD_queue_response(connection, UInt32(response.status), message)
    }

    /// With the body's bytes, or with what will be written to its stream.
    private func makeEmptyMessage(_ response: HTTPResponse) -> OpaquePointer? {
        if let stream = response.stream {
            let connection = SuspendedConnection(handle: connection, loop: client.loop)
            return StreamReading(stream, connection).makeMessage()
        }
        return response.body.withUnsafeBytes { bytes in
            MHD_create_response_from_buffer(
                bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
        }
    }

    /// libmicrohttpd copies names, values and body. Fields it refuses (a line break in a value, say) are left out.
    private func makeMessage(_ response: HTTPResponse, isLast: Bool) -> OpaquePointer? {
        guard let message = makeEmptyMessage(response) else { return nil }
        for (name, value) in response.headers { MHD_add_response_header(message, name, value) }
        MHD_add_response_header(message, "X-Request-Id", request.id)
        MHD_add_response_header(message, "X-Content-Type-Options", "nosniff")
        if isLast { MHD_add_response_header(message, "Connection", "close") }
        return message
    }

    /// libmicrohttpd takes no answer while a body arrives, but the client should hear at once that it sends too much.
    /// Nothing of this request's answer is in the socket yet, and an earlier one is complete, so the refusal is written
    /// straight to it; the connection is closed when the body ends or becomes too long to read away.
    ///
    /// more: header lines with their line ends.
    private func sendEarly(_ status: Int, _ phrase: String, more: String = "") {
        let answer =
            "HTTP/1.1 \(status) \(phrase)\r\nContent-Length: 0\r\nConnection: close\r\n\(more)"
            + "X-Request-Id: \(request.id)\r\nX-Content-Type-Options: nosniff\r\n\r\n"
        let bytes = Array(answer.utf8)
        _ = send(microhttpd_descriptor(connection), bytes, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        core.metrics(of: route).count(status: status, since: started)
    }
}
