import HTTPServer
import ManagementAPI
import PluginHost
import Ports
import Synchronization

/// What works and what does not; decides whether requests are let in.
final class Health: Sendable {
    private struct State {
        /// Why the store cannot be used; nil: it can.
        var storeReason: String? = "not reached yet"
        var isPrepared = false
        var isStopping = false
        var failed = false
    }

    private let state = Mutex(State())

    var failed: Bool { state.withLock { $0.failed } }
    var isPrepared: Bool { state.withLock { $0.isPrepared } }

    func store(_ reason: String?) { state.withLock { $0.storeReason = reason } }
    func prepared() { state.withLock { $0.isPrepared = true } }
    func beginStop() { state.withLock { $0.isStopping = true } }

    /// The process cannot work and is to end.
    func fail() {
        state.withLock { $0.failed = true }
        Signals.raiseTermination()
    }

    /// Without the broker events are still accepted and delivered, only later: it is reported, and no reason to be
    /// taken out of service.
    func parts(brokerIsThere: Bool, plugins: PluginRegistry) -> [PartHealth] {
        let state = state.withLock { $0 }
        return [
            PartHealth(name: "server", isVital: true, reason: state.isStopping ? "shutting down" : nil),
            PartHealth(name: "store", isVital: true, reason: state.storeReason),
            PartHealth(
                name: "broker", isVital: false,
                reason: brokerIsThere ? nil : "not connected; events go through the store until it is back"),
            PartHealth(
                name: "plugins", isVital: true, reason: plugins.components.isEmpty ? "no plugin is loaded" : nil),
        ] + plugins.libraries.filter { $0.state == .quarantined }.map(Self.quarantine)
    }

    /// Its destinations' events wait; all others are delivered.
    private static func quarantine(_ status: PluginLibraryStatus) -> PartHealth {
        let name = status.path[(status.path.lastIndex(of: "/") ?? status.path.startIndex)...].dropFirst()
        let reason = status.reason ?? "it ended"
        return PartHealth(
            name: "plugin \(name)", isVital: false, reason: "in quarantine: \(reason) again and again")
    }

    /// Routes that answer whatever the state and in every role.
    static func isOpen(_ pattern: String) -> Bool { pattern.hasPrefix("/health") || pattern == "/metrics" }

    /// Routes that need no store: the above, and those that only tell what the API is.
    static func needsNoStore(_ pattern: String) -> Bool {
        isOpen(pattern) || ["/docs", "/openapi.json", "/swagger/v1/swagger.json"].contains(pattern)
    }

    /// Lets requests through once the store has been prepared.
    func gate(_ route: Route) -> Route {
        guard !Self.needsNoStore(route.pattern) else { return route }
        let isPrepared: @Sendable () -> Bool = { [self] in self.isPrepared }
        var gated = route
        switch route.handler {
        case .inline(let answer):
            gated.handler = .inline { request, responder in
                isPrepared() ? answer(request, responder) : responder.respond(Self.unprepared)
            }
        case .blocking(let answer):
            gated.handler = .blocking { isPrepared() ? answer($0) : Self.unprepared }
        }
        return gated
    }

    private static let unprepared = HTTPResponse(
        status: 503, headers: [("Retry-After", "1"), ("Content-Type", "application/json; charset=utf-8")],
        body: Array("\"The service is starting; see /health/ready.\"".utf8))
}
