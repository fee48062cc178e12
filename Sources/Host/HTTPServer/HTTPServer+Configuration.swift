import Telemetry

extension HTTPServer {
    package struct Configuration: Sendable {
        /// A numeric address or a name of this machine.
        package var address = "127.0.0.1"
        /// 0 lets the kernel choose a free one.
        package var port = 0
        /// Event loops, which also run the inline handlers.
        package var threads = 2
        /// Threads for blocking handlers.
        package var blockingThreads = 4
        /// Requests waiting for one of those; beyond it they are answered 503.
        package var blockingQueue = 256
        /// Bytes of a request's line and headers together; more is answered 431.
        package var headerBytes = 16 << 10
        /// Bytes of a body, unless the route says otherwise; more is answered 413.
        package var bodyBytes = 1 << 20
        /// Bytes of all bodies that are arriving or whose request has no answer yet, over all connections; beyond it
        /// they are answered 503.
        package var arrivingBytes = 256 << 20
        /// Bytes of all large answers that clients have not taken, over all connections; beyond it requests that change
        /// nothing are answered 503.
        package var answerBytes = 256 << 20
        /// Connections open at a time; more wait in the kernel's queue.
        package var connections = 4_096
        /// Connections of one peer address; 0: no limit.
        package var connectionsPerAddress = 0
        /// For sending a whole request, for silence, and for taking an answer.
        package var requestTimeout = Duration.seconds(30)
        /// Last look at every response, on the server's thread; the request comes without its body. For CORS.
        package var responseFilter: (@Sendable (HTTPRequest, inout HTTPResponse) -> Void)?
        /// Answers OPTIONS on a known path that has no route for it; the second argument is the value for `Allow`.
        /// Nil, or an answer of nil: 405.
        package var optionsHandler: (@Sendable (HTTPRequest, String) -> HTTPResponse?)?
        package var metrics = Metrics.shared

        package init() {}
    }
}
