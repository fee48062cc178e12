/// What a sealed value belongs to: the associated data of its encryption, so that a ciphertext copied to another
/// row does not open there.
package enum SealIdentity {
    package static func webhookSecret(of tenant: TenantID) -> String { "tenant:\(tenant):webhook-secret" }

    /// kind: `authenticator`, `transformer` or `retry-policy`.
    package static func pluginSettings(of destination: DestinationID, kind: String) -> String {
        "destination:\(destination):\(kind)"
    }
}
