import Domain
import HTTPServer
import JSON
import Ports

// Cancelling what waits. What is being delivered keeps its outcome.
extension ManagementAPI {
    /// Events cancelled in one transaction: few enough that settling their neighbours never waits noticeably.
    private static let cancelledAtOnce = 1_000

    var purgeRoutes: [Route] {
        [
            route("POST", "/api/v1/events/purge", .purgeQueue, purgeEvents),
            route("DELETE", "/api/v1/queues/{destinationId:uuid}", .purgeQueue, purgeQueue),
        ]
    }

    /// All that waits of the tenant.
    @Sendable private func purgeEvents(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let destinations = try pool.withStore { try $0.destinationsWithWaitingEvents(of: caller.tenantID) }
        var cancelled = 0
        for destination in destinations { cancelled += try cancelWaiting(for: destination, caller) }
        log.info(
            "all that waited of a tenant was purged",
            ["tenant": "\(caller.tenantID)", "user": "\(caller.userID)", "cancelled": "\(cancelled)"])
        return .json(200, ["cancelled": .count(cancelled)])
    }

    @Sendable private func purgeQueue(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let id = try call.id("destinationId", of: Destination.self)
        try pool.withStore { try requireOwner(try $0.owner(ofDestination: id), is: caller) }
        let cancelled = try cancelWaiting(for: id, caller)
        log.info(
            "a queue was purged",
            [
                "tenant": "\(caller.tenantID)", "destination": "\(id)", "user": "\(caller.userID)",
                "cancelled": "\(cancelled)",
            ])
        return .noContent
    }

    /// In portions, each with a store for the time it takes, so that others get their turn. Returns how many.
    func cancelWaiting(for destination: DestinationID, _ caller: Caller) throws -> Int {
        let purge = Purge(id: newID(), actor: caller.claims.email)
        var cancelled = 0
        while true {
            let portion = try pool.withStore {
                try $0.cancelWaiting(
                    destination: destination, of: caller.tenantID, limit: Self.cancelledAtOnce, for: purge)
            }
            if portion == 0 { return cancelled }
            cancelled += portion
        }
    }
}
