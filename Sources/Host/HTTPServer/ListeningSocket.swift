import CMicrohttpd
import Glibc

/// A bound and listening socket. We make it ourselves, since libmicrohttpd cannot say why it failed to.
struct ListeningSocket {
    let descriptor: Int32
    let port: Int

    init(_ configuration: HTTPServer.Configuration) throws(HTTPServerError) {
        let place = "\(configuration.address) port \(configuration.port)"
        var hints = addrinfo()
        hints.ai_socktype = microhttpd_stream
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(configuration.address, "\(configuration.port)", &hints, &found)
        guard code == 0, let address = found else {
            throw HTTPServerError("cannot listen on \(place): \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(found) }
        let socket = Glibc.socket(address.pointee.ai_family, microhttpd_stream | microhttpd_socket_flags, 0)
        guard socket >= 0 else { throw failed(place) }
        var one: Int32 = 1
        // Otherwise a restart would find the address taken by connections of the last run in TIME_WAIT.
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, 4)
        guard bind(socket, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0, listen(socket, SOMAXCONN) == 0
        else {
            let error = failed(place)
            close(socket)
            throw error
        }
        descriptor = socket
        port = boundPort(socket)
    }
}

private func failed(_ place: String) -> HTTPServerError {
    let reason = errno == EADDRINUSE ? "another process listens there" : String(cString: strerror(errno))
    return HTTPServerError("cannot listen on \(place): \(reason)")
}

private func boundPort(_ socket: Int32) -> Int {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutableBytes(of: &storage) { bytes in
        getsockname(socket, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
        // The port stands at the same place in both families, in network order.
        return Int(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
    }
}

/// The numeric address of a peer, without its port; a mapped IPv4 address as IPv4.
func addressText(_ address: UnsafePointer<sockaddr>) -> String {
    let size = address.pointee.sa_family == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(NI_MAXHOST)) { host in
        getnameinfo(address, socklen_t(size), host.baseAddress!, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0
            ? String(cString: host.baseAddress!) : ""
    }
    return text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
}
