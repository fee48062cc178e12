import Domain
import HTTPServer
import JSON
import Ports

/// `GET /notifications`
struct NotificationList: Input {
    let read: Bool?
    let paging: Paging

    init(reading request: RequestReader) throws(Refusal) {
        read = try request.boolean("read")
        paging = try Paging(reading: request)
    }
}

extension ManagementAPI {
    static let notificationSortFields = ["createdAt", "id", "type", "readAt"]

    var notificationRoutes: [Route] {
        [
            route("GET", "/api/v1/notifications", .readNotifications, NotificationList.self, listNotifications),
            route("POST", "/api/v1/notifications/{id:uuid}/read", .markNotifications, markRead),
            route("POST", "/api/v1/notifications/read-all", .markNotifications, markAllRead),
        ]
    }

    @Sendable private func listNotifications(
        _ call: Call, _ caller: Caller, _ input: NotificationList
    ) throws -> HTTPResponse {
        let query = try input.paging.query(sortedBy: Self.notificationSortFields)
        let page = try pool.withStore { try $0.notifications(of: caller.tenantID, read: input.read, query) }
        return .json(200, .list(total: page.total, page.rows.map(document)))
    }

    @Sendable private func markRead(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let id = try call.id("id", of: Notification.self)
        let notification = try pool.withStore { store in
            try requireOwner(try store.owner(ofNotification: id), is: caller)
            return try store.markRead(id, of: caller.tenantID)
        }
        guard let notification else { throw Refusal.notFound }
        return .json(200, document(notification))
    }

    @Sendable private func markAllRead(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let marked = try pool.withStore { try $0.markAllRead(of: caller.tenantID) }
        return .json(200, ["marked": .count(marked)])
    }

    func document(_ notification: NotificationRecord) -> JSONValue {
        [
            "id": .id(notification.id), "tenantId": .id(notification.tenantID), "type": .string(notification.type),
            "title": .string(notification.title), "body": .string(notification.body),
            "destinationId": .id(notification.destinationID),
            "count": .count(notification.count), "createdAt": .time(notification.createdAt),
            "readAt": .time(notification.readAt),
        ]
    }
}
