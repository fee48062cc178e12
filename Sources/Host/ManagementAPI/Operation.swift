import Domain

/// Everything an access token can be used for. Which role may do what is the table below and nowhere else.
package enum Operation: CaseIterable, Sendable {
    case logOut
    case readTenant, changeTenant
    case readWebhookSecret, rotateWebhookSecret, verifySignature
    case readAPIKeys, changeAPIKeys
    case readDestinations, changeDestinations, sendTestEvents, purgeQueue
    case readSenders, changeSenders, previewTransformers
    case readEvents, replayEvents, eraseEvents
    case readStream, readNotifications, markNotifications
    case readPlugins, simulatePlugins
    case readUsers, manageUsers
    case changeOwnAccount
    case manageInvites

    /// A Viewer reads, a Developer also works with destinations, keys, senders and events, and an Admin or Owner
    /// also decides about the tenant and its people.
    package var roles: Set<UserRole> {
        switch self {
        case .logOut, .changeOwnAccount,
            .readTenant, .readWebhookSecret, .verifySignature, .readAPIKeys, .readDestinations, .readSenders,
            .readEvents, .readUsers, .readStream, .readNotifications,
            .readPlugins:
            [.viewer, .developer, .admin, .owner]
        case .rotateWebhookSecret, .changeAPIKeys, .changeDestinations, .sendTestEvents, .changeSenders,
            .previewTransformers, .replayEvents, .markNotifications, .simulatePlugins:
            [.developer, .admin, .owner]
        case .changeTenant, .purgeQueue, .eraseEvents, .manageUsers, .manageInvites:
            [.admin, .owner]
        }
    }
    /// It stores and sends nothing, whatever the method of its routes.
    var isTrial: Bool { self == .previewTransformers || self == .simulatePlugins || self == .verifySignature }
}
