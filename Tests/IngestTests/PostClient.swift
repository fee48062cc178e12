import Glibc

/// Posts over one kept connection and reads the answers one after the other.
final class PostClient {
    struct Response: Equatable {
        var status: Int
        var head: String
        var body: String

        /// The value of a field that the test spells as the server does.
        func field(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.hasPrefix("\(name): ") }.map {
                String($0.dropFirst(name.count + 2))
            }
        }
    }

    private let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    private var received: [UInt8] = []

    init(port: Int) {
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

    func send(_ path: String, _ headers: [String: String], _ body: String) {
        let lines = headers.map { "\($0): \($1)\r\n" }.joined()
        let request = Array(
            "POST \(path) HTTP/1.1\r\nHost: here\r\nContent-Length: \(body.utf8.count)\r\n\(lines)\r\n\(body)".utf8)
        var sent = 0
        while sent < request.count {
            let count = request.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }

    /// Nil if the connection ends or nothing comes for long.
    func response() -> Response? {
        while true {
            let text = String(decoding: received, as: UTF8.self)
            if let end = text.firstRange(of: "\r\n\r\n") {
                let head = String(text[..<end.lowerBound])
                var response = Response(status: Int(head.dropFirst(9).prefix(3))!, head: head, body: "")
                let length = Int(response.field("Content-Length") ?? "0")!
                let start = head.utf8.count + 4
                if received.count >= start + length {
                    response.body = String(decoding: received[start..<start + length], as: UTF8.self)
                    received.removeFirst(start + length)
                    return response
                }
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = recv(socket, &buffer, buffer.count, 0)
            if count <= 0 { return nil }
            received.append(contentsOf: buffer[..<count])
        }
    }
}
