import PluginKit

/// The access token of one destination: kept by the host until shortly before it expires, fetched when there is none,
/// and dropped when the destination refuses it.
public struct TokenCache {
    private static let key = "token"

    private let host: HostServices

    public init(host: HostServices) { self.host = host }

    /// `Authorization: Bearer <token>` (RFC 6750, section 2.1), or the request that gets the token.
    public func credentials(orFetch request: () throws -> FetchRequest) rethrows -> Credentials {
        if let value = host.load(Self.key, prefix: "Bearer ") { return .header("Authorization", value) }
        host.count("token_requests")
        return .fetch(try request())
    }

    /// Takes the token endpoint's answer. Throws a sentence for the tenant if there is no token in it.
    public func take(_ response: FetchResponse) throws(PluginError) {
        let answer = try response.withBody { body throws(PluginError) in
            try TokenResponse(status: response.status, body: body)
        }
        try host.store(
            answer.token, forKey: Self.key, expiresAt: host.wallMilliseconds + answer.usableMilliseconds)
    }

    /// What `Authenticator.rejected` answers: a token that was refused with 401 may be replaced.
    public func drop(status: Int) -> Bool {
        guard status == 401 else { return false }
        host.removeValue(forKey: Self.key)
        return true
    }
}

extension FetchRequest {
    /// A form by POST (RFC 6749, section 3.2). authorization: the client's credentials, if they are not in the form.
    public static func tokenRequest(to endpoint: String, form: Secret, authorization: Secret? = nil) -> FetchRequest {
        var headers = [
            (name: "Content-Type", value: Secret(text: "application/x-www-form-urlencoded")),
            (name: "Accept", value: Secret(text: "application/json")),
        ]
        if let authorization { headers.append(("Authorization", authorization)) }
        return FetchRequest(method: "POST", url: endpoint, headers: headers, body: form)
    }
}
