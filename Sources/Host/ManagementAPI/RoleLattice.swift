import Domain

extension UserRole {
    /// Who may make, change and remove whom: an Owner everyone, an Admin those below himself. What a role may hand
    /// out and whom it may touch are the same, so nobody can lift himself or take over an account above his own.
    func governs(_ other: UserRole) -> Bool {
        switch self {
        case .owner: true
        case .admin: other == .developer || other == .viewer
        case .developer, .viewer: false
        }
    }
}
