import Crypto
import Domain
import HTTPServer
import JSON
import Ports

/// `POST /tenants/{id}/webhook-secret`; the body is optional.
struct SecretRotation: Input {
    let overlapSeconds: Int?

    init(reading request: RequestReader) throws(Refusal) {
        overlapSeconds = try request.optionalBody().integer("overlapSeconds")
    }
}

/// `POST /tenants/{id}/webhook-secret/verify`
struct SignatureCheck: Input {
    let payload: String
    let signature: String

    init(reading request: RequestReader) throws(Refusal) {
        let body = try request.body()
        payload = try body.required("payload")
        signature = try body.required("signature")
    }
}

extension ManagementAPI {
    var webhookSecretRoutes: [Route] {
        let path = "/api/v1/tenants/{id:uuid}/webhook-secret"
        return [
            route("GET", path, .readWebhookSecret, showSecret),
            route("POST", path, .rotateWebhookSecret, SecretRotation.self, rotateSecret),
            route("POST", path + "/verify", .verifySignature, SignatureCheck.self, verifySignature),
        ]
    }

    @Sendable private func showSecret(_ call: Call, _ caller: Caller) throws -> HTTPResponse {
        let id = try ownTenant(call, caller)
        guard let current = try secrets(of: id).first else { throw Refusal.notFound }
        return .json(200, ["webhookSecret": .string(current)])
    }

    @Sendable private func rotateSecret(
        _ call: Call, _ caller: Caller, _ rotation: SecretRotation
    ) throws -> HTTPResponse {
        let id = try ownTenant(call, caller)
        let overlap = Duration.seconds(rotation.overlapSeconds ?? 0)
        guard overlap >= .zero, overlap <= settings.secretOverlapMax else {
            throw Refusal.invalid(
                "overlapSeconds must be between 0 and \(settings.secretOverlapMax.components.seconds)")
        }
        let secret = Tokens.webhookSecret()
        let sealed = vault.seal(Array(secret.utf8), for: SealIdentity.webhookSecret(of: id))
        try pool.withStore { store in
            guard try store.tenant(id) != nil else { throw Refusal.notFound }
            try store.rotateWebhookSecret(of: id, sealed: sealed, overlap: overlap)
        }
        return .json(200, ["webhookSecret": .string(secret)])
    }

    /// Against every secret that is still valid, each compared in constant time and none skipped.
    @Sendable private func verifySignature(
        _ call: Call, _ caller: Caller, _ check: SignatureCheck
    ) throws -> HTTPResponse {
        let id = try ownTenant(call, caller)
        let secrets = try secrets(of: id)
        if secrets.isEmpty { throw Refusal.notFound }
        let payload = Array(check.payload.utf8)
        let signature = Array(check.signature.utf8)
        var valid = false
        for secret in secrets {
            let expected = Array(WebhookSignature.original(over: payload, secret: secret).utf8)
            if constantTimeEqual(expected, signature) { valid = true }
        }
        return .json(200, ["valid": .bool(valid)])
    }

    /// Those still valid, the current one first.
    private func secrets(of tenant: TenantID) throws -> [String] {
        let sealed = try pool.withStore { try $0.webhookSecrets(of: tenant) }
        return try sealed.map {
            String(decoding: try vault.open($0.sealed, for: SealIdentity.webhookSecret(of: tenant)), as: UTF8.self)
        }
    }
}
