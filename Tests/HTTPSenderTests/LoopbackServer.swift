import Glibc
import Synchronization
import Threading

/// A server on a free port of 127.0.0.1 that does what a test tells it to, good HTTP or not. One thread a connection.
final class LoopbackServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let greeting: String
    private let state = Mutex(State())
    private let behaviour: @Sendable (ReceivedRequest, ServerConnection) -> Void

    private struct State {
        var threads: [WorkerThread] = []
        var open: Set<Int32> = []
        var connections = 0
        var requests: [ReceivedRequest] = []
        var stopped = false
    }

    /// greeting: written to every connection before anything is read.
    /// behaviour: called for each request, on its connection's thread; it writes the answer.
    init(
        greeting: String = "", _ behaviour: @escaping @Sendable (ReceivedRequest, ServerConnection) -> Void
    ) throws {
        self.greeting = greeting
        self.behaviour = behaviour
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && listen(listener, 2_048) == 0
                    && getsockname(listener, address, &size) == 0
            }
        }
        guard bound else { throw ServerError(reason: String(cString: strerror(errno))) }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        let thread = WorkerThread("test-accept", stackBytes: 128 << 10) { [self] in acceptAll() }
        state.withLock { $0.threads.append(thread) }
    }

    var url: String { "http://127.0.0.1:\(port)/hook" }
    /// Accepted so far.
    var connections: Int { state.withLock { $0.connections } }
    /// Received so far, in order of arrival.
    var requests: [ReceivedRequest] { state.withLock { $0.requests } }

    func stop() {
        let threads = state.withLock { state in
            state.stopped = true
            // A shut socket wakes whoever reads, writes or accepts on it.
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
            return state.threads
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for thread in threads { thread.join() }
        close(listener)
    }

    private func acceptAll() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            state.withLock { state in
                guard !state.stopped else {
                    close(descriptor)
                    return
                }
                state.connections += 1
                state.open.insert(descriptor)
                state.threads.append(
                    WorkerThread("test-connection", stackBytes: 128 << 10) { [self] in serve(descriptor) })
            }
        }
    }

    private func serve(_ descriptor: Int32) {
        let connection = ServerConnection(descriptor)
        connection.write(greeting)
        while let request = connection.readRequest() {
            state.withLock { $0.requests.append(request) }
            behaviour(request, connection)
        }
        state.withLock { state in
            state.open.remove(descriptor)
            connection.end()
        }
    }
}

struct ServerError: Error {
    var reason: String
}

struct ReceivedRequest: Sendable {
    /// `POST /hook HTTP/1.1`
    var line: String
    /// As they came, in order.
    var headers: [String]
    var body: [UInt8]

    /// The value of the first header with this name, given in lower case.
    func value(_ name: String) -> String? {
        headers.first { $0.lowercased().hasPrefix(name + ":") }
            .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
}

/// The server's side of one connection. One thread at a time.
final class ServerConnection {
    private let descriptor: Int32
    private var input: [UInt8] = []
    private var isOver = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Nil at the end of the connection.
    func readRequest() -> ReceivedRequest? {
        let blank = Array("\r\n\r\n".utf8)
        var headEnd: Int?
        repeat {
            headEnd = input.indices.first { input[$0...].starts(with: blank) }
        } while headEnd == nil && fill()
        guard let headEnd else { return nil }
        var lines = String(decoding: input[..<headEnd], as: UTF8.self).split(separator: "\r\n").map(String.init)
        let line = lines.removeFirst()
        var request = ReceivedRequest(line: line, headers: lines, body: [])
        let end = headEnd + 4 + (request.value("content-length").flatMap { Int($0) } ?? 0)
        while input.count < end { guard fill() else { return nil } }
        request.body = Array(input[(headEnd + 4)..<end])
        input.removeSubrange(..<end)
        return request
    }

    /// False once the client is gone.
    @discardableResult
    func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// A whole answer with a Content-Length.
    func answer(_ status: Int, headers: [String] = [], body: String = "") {
        let lines = ["HTTP/1.1 \(status) Reason", "Content-Length: \(body.utf8.count)"] + headers
        write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    /// Orderly: the client sees the end of the stream.
    func hangUp() {
        isOver = true
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// The client sees a reset.
    func reset() {
        isOver = true
        var setting = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
    }

    /// Waits until the client closes.
    func waitForEnd() { while fill() { input = [] } }

    func end() { close(descriptor) }

    private func fill() -> Bool {
        guard !isOver else { return false }
        var block = [UInt8](repeating: 0, count: 16_384)
        let count = recv(descriptor, &block, block.count, 0)
        guard count > 0 else { return false }
        input += block[..<count]
        return true
    }
}
