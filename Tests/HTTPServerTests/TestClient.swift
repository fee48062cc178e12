import Glibc

/// A plain socket that speaks just enough HTTP to look at every byte.
final class TestClient {
    struct Response: Equatable {
        var status: Int
        var headers: [String: String]
        var body: String
    }

    private let socket: Int32
    private var received: [UInt8] = []

    init(port: Int) {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(code == 0, "no connection: \(String(cString: strerror(errno)))")
    }

    deinit { close(socket) }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    /// Closes at once; unread data makes the kernel send a reset.
    func abort() {
        var reset = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<linger>.size))
        shutdown(socket, Int32(SHUT_RDWR))
    }

    /// True as soon as there is something to read, be it the end of the connection.
    func isReadable(within milliseconds: Int32) -> Bool {
        var wanted = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&wanted, 1, milliseconds) > 0
    }

    private func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        if count > 0 { received.append(contentsOf: buffer[..<count]) }
        return count > 0
    }

    /// The next answer; nil if the connection ends first. hasBody: false after HEAD.
    func response(hasBody: Bool = true) -> Response? {
        while true {
            if let end = headEnd() {
                let lines = String(decoding: received[..<end], as: UTF8.self).components("\r\n")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
                }
                let length = hasBody ? Int(headers["content-length"] ?? "0")! : 0
                while received.count < end + 4 + length { if !receive() { return nil } }
                let body = String(decoding: received[(end + 4)..<(end + 4 + length)], as: UTF8.self)
                received.removeFirst(end + 4 + length)
                return Response(status: Int(lines[0].split(separator: " ")[1])!, headers: headers, body: body)
            }
            if !receive() { return nil }
        }
    }

    /// The head of an answer whose body comes in chunks.
    func head() -> Response? { response(hasBody: false) }

    /// Bytes of chunks until they end in `text`; nil: until the body's end. Reads past the head if that is still there.
    /// Nil if the connection ends first.
    func chunks(until text: String?) -> String? {
        if received.starts(with: "HTTP/".utf8), head() == nil { return nil }
        var body = ""
        while text == nil || !body.hasSuffix(text!) {
            guard let line = received.firstRange(of: [13, 10]),
                case let size = Int(String(decoding: received[..<line.lowerBound], as: UTF8.self), radix: 16) ?? 0,
                received.count >= line.upperBound + size + 2
            else {
                if !receive() { return nil }
                if body.isEmpty, received.starts(with: "HTTP/".utf8), head() == nil { return nil }
                continue
            }
            body += String(decoding: received[line.upperBound..<line.upperBound + size], as: UTF8.self)
            received.removeFirst(line.upperBound + size + 2)
            if size == 0 { return text == nil ? body : nil }
        }
        return body
    }

    /// True if the server closes the connection, whatever it sends before that.
    func isClosedByServer() -> Bool {
        while receive() {}
        return errno != EAGAIN
    }

    private func headEnd() -> Int? {
        guard received.count >= 4 else { return nil }
        return (0...(received.count - 4)).first { received[$0..<$0 + 4].elementsEqual("\r\n\r\n".utf8) }
    }

    func get(_ path: String, method: String = "GET", headers: String = "") -> Response? {
        send("\(method) \(path) HTTP/1.1\r\nHost: here\r\n\(headers)\r\n")
        return response(hasBody: method != "HEAD")
    }

    func post(_ path: String, body: String, headers: String = "") -> Response? {
        send("POST \(path) HTTP/1.1\r\nHost: here\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
        return response()
    }
}

extension String {
    fileprivate func components(_ separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
