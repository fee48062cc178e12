import Telemetry

/// Finds the client over whose bytes libmicrohttpd 0.9 turns in circles, and cuts it off.
///
/// A chunk's size with its extensions may be longer than the library's input buffer. It then neither reads on nor
/// gives up, but says that it has work, and its loop would spin until the client's time is up. That is told by many
/// runs in a row without a call to us and without a wait, and by a client whose bytes nobody takes meanwhile. A value
/// of the loop's thread.
struct CircleWatch {
    static let fruitlessRuns = 256
    /// More runs, in which a client that is merely new has its bytes read.
    static let probationRuns = 16

    private var fruitless = 0
    private var suspects: [(client: Connection, unread: Int)] = []

    /// After each run of the library. wasUseful: it called us, or nothing was left to do.
    mutating func ran(wasUseful: Bool, clients: () -> [Connection]) {
        guard !wasUseful else {
            if fruitless > 0 { self = CircleWatch() }
            return
        }
        fruitless += 1
        switch fruitless {
        case Self.fruitlessRuns:
            suspects = clients().compactMap { client in client.unread.map { (client, $0) } }
        case Self.fruitlessRuns + Self.probationRuns:
            for suspect in suspects where suspect.client.unread.map({ $0 >= suspect.unread }) == true {
                suspect.client.cutOff()
                Log("http").info("a client was cut off in the middle of a line", ["peer": suspect.client.remoteAddress])
            }
            self = CircleWatch()
        default: break
        }
    }
}
