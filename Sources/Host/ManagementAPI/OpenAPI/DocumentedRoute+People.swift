// Sessions, tenants, users and invites.

extension DocumentedGroup {
    static let sessions = DocumentedGroup(
        name: "Sessions", description: "Access tokens last 15 minutes, refresh tokens 7 days and for one use.",
        routes: [
            DocumentedRoute(
                "POST", "/api/v1/auth/login", id: "logIn", .anyone, "Log in",
                body: .required("Credentials"),
                .ok("TokenPair", "A new session."),
                .empty(401, "Unknown e-mail address, wrong password, or the user is not active."),
                .sentence(
                    429, "Ten logins in five minutes have failed, from this address or for this e-mail address.",
                    example: "too many failed logins; please try again later", headers: ["Retry-After"])),
            DocumentedRoute(
                "POST", "/api/v1/auth/refresh", id: "refreshSession", .anyone, "Trade a refresh token for a new pair",
                details: "A token that comes a second time ends the whole session: somebody else may have it.",
                body: .required("RefreshToken"),
                .ok("TokenPair", "The session goes on with these."),
                .empty(401, "The token is unknown, expired or used, or its user is not active.")),
            DocumentedRoute(
                "POST", "/api/v1/auth/logout", id: "logOut", .token(.logOut), "Log out",
                details: "Both tokens are dead from this moment on.", body: .required("RefreshToken"),
                .noContent("The session has ended."),
                .empty(401, "The access token is not valid, or the refresh token is not this user's.")),
        ])

    static let tenants = DocumentedGroup(
        name: "Tenants", description: "A tenant owns users, keys, destinations and events. Any other's answer 403.",
        examples: ["id": exampleTenant],
        routes: [
            DocumentedRoute(
                "POST", "/api/v1/tenants", id: "createTenant", .anyone, "Create a tenant and its Owner",
                body: .required("NewTenant"),
                .created("CreatedTenant", "Created. The webhook secret can be read again."),
                .sentence(
                    409, "The name or the e-mail address is taken.", example: "name is taken by another tenant"),
                .empty(429, "Too many tenants from this address within an hour.", headers: ["Retry-After"])),
            DocumentedRoute(
                "GET", "/api/v1/tenants/{id:uuid}", id: "getTenant", .token(.readTenant), "Show the tenant",
                .ok("Tenant", "The tenant.")),
            DocumentedRoute(
                "PATCH", "/api/v1/tenants/{id:uuid}", id: "updateTenant", .token(.changeTenant), "Change the tenant",
                body: .required("TenantChanges"),
                .ok("Tenant", "The tenant as it is now."),
                .sentence(409, "The name is taken.", example: "name is taken by another tenant")),
            DocumentedRoute(
                "GET", "/api/v1/tenants/{id:uuid}/webhook-secret", id: "getWebhookSecret",
                .token(.readWebhookSecret), "Show the webhook secret",
                .ok("WebhookSecret", "The current secret.")),
            DocumentedRoute(
                "POST", "/api/v1/tenants/{id:uuid}/webhook-secret", id: "rotateWebhookSecret",
                .token(.rotateWebhookSecret), "Replace the webhook secret",
                details: """
                    With an overlap both secrets sign deliveries and both verify until it ends, or until the next \
                    rotation: that ends every secret but the one it replaces, and without an overlap that one, too.
                    """,
                body: .optional("SecretRotation"),
                .ok("WebhookSecret", "The new secret.")),
            DocumentedRoute(
                "POST", "/api/v1/tenants/{id:uuid}/webhook-secret/verify", id: "verifySignature",
                .token(.verifySignature), "Check a signature", body: .required("SignatureCheck"),
                .ok("SignatureVerdict", "Whether a secret that is still valid made this signature.")),
        ])

    static let users = DocumentedGroup(
        name: "Users", description: "The people of the tenant.",
        examples: ["id": "c2a4e9b1-7d3f-4f6e-9b21-5e8d0a7c4f33"],
        routes: [
            DocumentedRoute(
                "POST", "/api/v1/users", id: "createUser", .token(.manageUsers), "Create a user",
                details: "An Admin can create Developers and Viewers, an Owner anyone.", body: .required("NewUser"),
                .created("User", "Created."),
                .sentence(404, "The tenant is gone.", example: "the tenant does not exist any more"),
                .sentence(
                    409, "The e-mail address is taken.", example: "email is the email address of another user")),
            DocumentedRoute(
                "GET", "/api/v1/users", id: "listUsers", .token(.readUsers), "List users",
                query: [.choice("Role", of: "UserRole"), .choice("Status", of: "UserStatus")]
                    + DocumentedParameter.paging(sortedBy: ManagementAPI.userSortFields),
                .ok("UserList", "One page.")),
            DocumentedRoute(
                "GET", "/api/v1/users/{id:uuid}", id: "getUser", .token(.readUsers), "Show a user",
                .ok("User", "The user.")),
            DocumentedRoute(
                "PATCH", "/api/v1/users/{id:uuid}", id: "updateUser", .token(.changeOwnAccount), "Change a user",
                details: """
                    Everyone may change his own e-mail address and password; the rest is for those who govern the \
                    user: an Owner everyone, an Admin those below. A change ends the user's sessions.
                    """,
                body: .required("UserChanges"),
                .ok("User", "The user as he is now."),
                DocumentedAnswer(
                    status: 409,
                    description: """
                        The e-mail address is taken, no active Owner would be left, or others changed the user at the \
                        same time, twice in a row.
                        """,
                    schema: "UserConflict")),
            DocumentedRoute(
                "DELETE", "/api/v1/users/{id:uuid}", id: "deleteUser", .token(.manageUsers), "Delete a user",
                .noContent("Deleted, his sessions ended."),
                DocumentedAnswer(status: 409, description: "No active Owner would be left.", schema: "LastOwner")),
        ])

    static let invites = DocumentedGroup(
        name: "Invites", description: "An invite lets one person register with the tenant.",
        examples: ["token": "inv_83b0c6d2", "id": "7e5d1c90-3b2a-4c8f-a6e4-2f9b8d7c6a15"],
        routes: [
            DocumentedRoute(
                "POST", "/api/v1/invites", id: "createInvite", .token(.manageInvites), "Create an invite",
                body: .required("NewInvite"),
                .created("Invite", "Created. The token can be read again by whoever may make such an invite."),
                .sentence(404, "The tenant is gone.", example: "the tenant does not exist any more")),
            DocumentedRoute(
                "GET", "/api/v1/invites", id: "listInvites", .token(.manageInvites), "List invites",
                query: [.choice("Status", of: "InviteStatus")]
                    + DocumentedParameter.paging(sortedBy: ManagementAPI.inviteSortFields),
                .ok("InviteList", "One page, with the tokens of all invites that the caller could have made.")),
            DocumentedRoute(
                "DELETE", "/api/v1/invites/{id:uuid}", id: "revokeInvite", .token(.manageInvites), "Revoke an invite",
                details: "Its token is dead at once.", .noContent("Revoked."),
                .sentence(409, "Somebody has become a user with it.", example: "the invite has been used")),
            DocumentedRoute(
                "POST", "/api/v1/invites/{token}/register", id: "register", .anyone, "Register with an invite",
                body: .required("Registration"),
                .created("User", "The new user, with the role of the invite."),
                .sentence(404, "The invite is unknown.", example: "the invite does not exist"),
                .sentence(
                    409,
                    "The invite is used or expired, or the e-mail address is taken; then the sentence has the "
                        + "word email.", example: "the invite has been used"),
                .empty(429, "Too many registrations from this address within an hour.", headers: ["Retry-After"])),
        ])
}
