/// The life of an event. Names and numbers are the REST contract's (api.md 1.12); the schema's check
/// constraint lists the numbers again.
package enum EventStatus: Int16, CaseIterable, Sendable {
    case pending = 0
    case processing = 1
    case succeeded = 2
    case failed = 3
    case waitingRetry = 4
    case criticalFailure = 5
    case cancelled = 6
    case authenticationFailed = 7

    /// Nothing happens to the event any more unless somebody replays it.
    package var isFinal: Bool {
        switch self {
        case .succeeded, .criticalFailure, .cancelled, .authenticationFailed: true
        case .pending, .processing, .failed, .waitingRetry: false
        }
    }

    package var name: String {
        switch self {
        case .pending: "Pending"
        case .processing: "Processing"
        case .succeeded: "Succeeded"
        case .failed: "Failed"
        case .waitingRetry: "WaitingRetry"
        case .criticalFailure: "CriticalFailure"
        case .cancelled: "Cancelled"
        case .authenticationFailed: "AuthenticationFailed"
        }
    }
}

package enum DestinationStatus: Int16, CaseIterable, Sendable {
    case active = 0
    case inactive = 1
    case suspended = 2

    package var name: String {
        switch self {
        case .active: "Active"
        case .inactive: "Inactive"
        case .suspended: "Suspended"
        }
    }
}

package enum UserRole: Int16, CaseIterable, Sendable {
    case developer = 0
    case admin = 1
    case owner = 10
    case viewer = 20

    package var name: String {
        switch self {
        case .developer: "Developer"
        case .admin: "Admin"
        case .owner: "Owner"
        case .viewer: "Viewer"
        }
    }
}

package enum UserStatus: Int16, CaseIterable, Sendable {
    case active = 0
    case inactive = 1

    package var name: String {
        switch self {
        case .active: "Active"
        case .inactive: "Inactive"
        }
    }
}

/// Expiry is not a status: an invite that is too old stays Pending.
package enum InviteStatus: Int16, CaseIterable, Sendable {
    case pending = 0
    case used = 1

    package var name: String {
        switch self {
        case .pending: "Pending"
        case .used: "Used"
        }
    }
}

/// The contract's short form for the four shipped authenticators. The name is also the plugin's.
package enum OutboundAuthType: Int16, CaseIterable, Sendable {
    case apiKey = 0
    case bearerToken = 1
    case jwtBearer = 2
    case basicAuth = 3

    package var name: String {
        switch self {
        case .apiKey: "ApiKey"
        case .bearerToken: "BearerToken"
        case .jwtBearer: "JwtBearer"
        case .basicAuth: "BasicAuth"
        }
    }
}

package protocol NamedNumber: CaseIterable, RawRepresentable where RawValue == Int16 {
    var name: String { get }
}

extension NamedNumber {
    /// A name in any case, or the number as text: what the contract accepts where an enumeration is expected.
    package init?(contract text: some StringProtocol) {
        if let number = Int16(text) {
            self.init(rawValue: number)
            return
        }
        guard let match = Self.allCases.first(where: { text.isExactlyIgnoringCase($0.name) }) else { return nil }
        self = match
    }
}

extension EventStatus: NamedNumber {}
extension DestinationStatus: NamedNumber {}
extension UserRole: NamedNumber {}
extension UserStatus: NamedNumber {}
extension InviteStatus: NamedNumber {}
extension OutboundAuthType: NamedNumber {}
