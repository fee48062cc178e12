/// What a sealed value belongs to: the associated data of its encryption, so that a ciphertext copied to another
/// row does not open there.
package enum SealIdentity {
    package static func webhookSecret(of tenant: TenantID) -> String { "tenant:\(tenant):webhook-secret" }
    package static func token(of invite: InviteID) -> String { "invite:\(invite):token" }

    /// kind: `authenticator`, `transformer` or `retry-policy`.
    package static func pluginSettings(of destination: DestinationID, kind: String) -> String {
        "destination:\(destination):\(kind)"
    }
}
