import Config
import Demo
import HTTPSender
import Telemetry

/// `hooksentry demo`: the whole platform at work on a running server.
struct DemoCommand {
    static let usage = """
        usage: hooksentry demo [--exit] [--url URL]

        Creates a tenant with destinations and a sender on a running server, through its public API, starts a little
        receiver on loopback, sends real-looking events and shows what became of them. Exits with 0 only if everything
        went as it should.

          --exit      end afterwards; otherwise the receiver stays up until Ctrl-C, for events of your own
          --url URL   the server; default: http:// and HOOKSENTRY_LISTEN, or http://127.0.0.1:5143
        """

    private let url: String
    private let endsAfterwards: Bool
    private let helped: Bool

    init(_ arguments: inout Arguments, _ environment: [String: String]) throws(UsageError) {
        endsAfterwards = arguments.flag("--exit")
        let given = try arguments.value("--url", usage: Self.usage)
        helped = try arguments.finish(usage: Self.usage)
        let listen = environment["HOOKSENTRY_LISTEN"] ?? ""
        url = given ?? "http://" + (listen.isEmpty ? "127.0.0.1:5143" : listen)
    }

    func run() -> Int32 {
        if helped { return 0 }
        let signals = Signals()
        // The demonstration speaks for itself.
        Log.configure(level: .error)
        let demonstration = Demonstration(server: url)
        defer { demonstration.stop() }
        do throws(DemonstrationFailure) {
            guard try demonstration.run() else { return 1 }
        } catch {
            Command.complain(error.sentence)
            return 1
        }
        if !endsAfterwards {
            print("\nThe receiver stays up for events of your own. Ctrl-C ends it.")
            flushOutput()
            _ = signals.wait()
        }
        return 0
    }
}
