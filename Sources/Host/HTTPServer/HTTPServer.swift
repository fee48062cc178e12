import Glibc
import Synchronization
import Telemetry
import Threading

// HTTPServer: requests, responses, limits and a router over libmicrohttpd. It knows no resource.
//
// Threads. `configuration.threads` event loops run libmicrohttpd, each with its share of the connections. Everything
// named `Exchange` before its answer, inline handlers and the response filter run on those and must not block. Blocking
// handlers run on a pool of their own. One thread accepts connections, one cuts off clients that are too slow. Answers
// may come from any thread.
//
// States of a server: idle ─ start ─► running ─ stop ─► stopped. Nothing leads back.

/// An HTTP/1.1 server. Start it once, stop it once.
package final class HTTPServer: Sendable {
    private enum State {
        case idle
        case running([EventLoop], Acceptor, SlowClientWatch)
        case stopped
    }

    let core: ServerCore
    private let state = Mutex<State>(.idle)
    private let boundPort = Atomic<Int>(0)

    package init(configuration: Configuration, routes: [Route]) {
        core = ServerCore(configuration, routes)
    }

    deinit { stop(grace: .zero) }

    /// Binds and serves. On return the port accepts connections.
    package func start() throws(HTTPServerError) {
        try state.withLock { state throws(HTTPServerError) in
            guard case .idle = state else { throw HTTPServerError("an HTTP server starts only once") }
            let socket = try ListeningSocket(core.configuration)
            let loops = try makeLoops(else: socket)
            core.pool.start()
            for loop in loops { loop.start() }
            let (connections, limit) = (core.connections, core.configuration.connections)
            let turn = Atomic<Int>(0)
            let acceptor = Acceptor(socket, isFull: { connections.count >= limit }) { client in
                guard connections.reserve(client.addressText) else {
                    close(client.descriptor)
                    return
                }
                loops[turn.wrappingAdd(1, ordering: .relaxed).oldValue % loops.count].add(client)
            }
            boundPort.store(socket.port, ordering: .relaxed)
            state = .running(loops, acceptor, SlowClientWatch(connections, timeout: core.configuration.requestTimeout))
        }
    }

    /// The port that was bound; 0 before `start`.
    package var port: Int { boundPort.load(ordering: .relaxed) }

    /// Stops listening, lets requests in flight finish for at most `grace`, answers what is left with 503, and
    /// closes. Waits for blocking handlers that are running. Not to be called from a handler.
    package func stop(grace: Duration) {
        let running: ([EventLoop], Acceptor, SlowClientWatch)? = state.withLock { state in
            defer { state = .stopped }
            guard case .running(let loops, let acceptor, let watch) = state else { return nil }
            return (loops, acceptor, watch)
        }
        guard let (loops, acceptor, watch) = running else { return }
        acceptor.stop()
        core.drain(grace: grace)
        watch.stop()
        for loop in loops { loop.stop() }
        core.pool.stop()
    }

    /// On failure, closes the socket.
    private func makeLoops(else socket: ListeningSocket) throws(HTTPServerError) -> [EventLoop] {
        var loops: [EventLoop] = []
        do throws(HTTPServerError) {
            for number in 0..<max(1, core.configuration.threads) { loops.append(try EventLoop(core, number: number)) }
            return loops
        } catch {
            for loop in loops { loop.stop() }
            close(socket.descriptor)
            throw error
        }
    }
}

/// Why the server could not start, in a sentence for the operator.
package struct HTTPServerError: Error, Sendable, Equatable, CustomStringConvertible {
    package let sentence: String
    package var description: String { sentence }

    init(_ sentence: String) { self.sentence = sentence }
}
