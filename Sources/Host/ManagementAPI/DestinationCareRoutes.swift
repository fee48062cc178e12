import Domain
import HTTPServer
import JSON
import Ports

/// `DELETE /destinations/{id}`
struct DestinationDeletion: Input {
    /// What waits is cancelled, which needs the role for a purge; without, a destination for which events wait is not
    /// deleted.
    let cancelsWaiting: Bool

    init(reading request: RequestReader) throws(Refusal) {
        cancelsWaiting = try request.boolean("cancel") ?? false
    }
}

// What is done to a destination as a whole, besides changing its settings.
extension ManagementAPI {
    /// Events are accepted and wait; attempts under way finish. Pausing twice keeps the first time.
    @Sendable func pauseDestination(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        try setPause(call, caller, at: settings.clock())
    }

    /// What has waited goes out at the destination's pace.
    @Sendable func resumeDestination(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        try setPause(call, caller, at: nil)
    }

    private func setPause(_ call: Call, _ caller: Caller, at time: Timestamp?) throws -> HTTPResponse {
        let id = try call.id("id", of: Destination.self)
        let destination = try pool.withStore { store in
            try requireOwner(try store.owner(ofDestination: id), is: caller)
            return try store.pauseDestination(id, of: caller.tenantID, at: time)
        }
        guard let destination else { throw Refusal.notFound }
        return .json(200, document(destination))
    }

    /// The row goes first, and with it the tokens, so that nothing new comes in while what waits is cancelled.
    @Sendable func deleteDestination(
        _ call: Call, _ caller: Caller, _ input: DestinationDeletion
    ) throws -> HTTPResponse {
        if input.cancelsWaiting, !Operation.purgeQueue.roles.contains(caller.role) { throw Refusal.forbidden }
        let id = try call.id("id", of: Destination.self)
        let removal = try pool.withStore { store in
            try requireOwner(try store.owner(ofDestination: id), is: caller)
            return try store.deleteDestination(id, of: caller.tenantID, despiteWaiting: input.cancelsWaiting)
        }
        switch removal {
        case .done: break
        case .unknown: throw Refusal.notFound
        case .hasWaitingEvents:
            throw Refusal.conflict("events wait for the destination; with cancel=true they are cancelled")
        }
        let cancelled = input.cancelsWaiting ? try cancelWaiting(for: id, caller) : 0
        log.info(
            "a destination was deleted",
            [
                "tenant": "\(caller.tenantID)", "destination": "\(id)", "user": "\(caller.userID)",
                "cancelled": "\(cancelled)",
            ])
        return .noContent
    }
}
