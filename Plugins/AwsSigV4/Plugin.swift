import Encoding
import PluginKit
import Signing

/// AWS Signature Version 4: signs method, path, query, some headers and the body with a key that is derived from the
/// secret access key, the day, the region and the service.
struct AwsSigV4: Authenticator {
    static let name = "AwsSigV4"
    static let version = "1.0.0"
    static let summary = "Signs requests with AWS Signature Version 4, for API Gateway, Lambda, EventBridge and others."

    private let host: HostServices
    private let accessKeyID: String
    private let sessionToken: Secret?
    private let rules: CanonicalRequest.Rules
    private let sendsContentHash: Bool
    private let scope: CredentialScope
    /// The derived key of one day.
    private var key: (day: String, key: HMACKey)?

    init(settings: Settings, host: HostServices) throws {
        self.host = host
        for member in ["accessKeyId", "secretAccessKey", "region", "service"] { try settings.checkLine(member) }
        try settings.checkLine(ifPresent: "sessionToken")
        accessKeyID = try settings.text("accessKeyId")
        sessionToken = try settings.text(ifPresent: "sessionToken") == nil ? nil : try settings.secret("sessionToken")
        let service = try settings.text("service")
        scope = CredentialScope(
            secret: try settings.secret("secretAccessKey", prefix: "AWS4"), region: try settings.text("region"),
            service: service)
        // S3 takes each path as it is; all other services see it encoded once more, without dots and double slashes.
        let isS3 = ["s3", "s3-outposts", "s3-object-lambda", "s3express"].contains(service)
        rules = CanonicalRequest.Rules(
            encodesTwice: try settings.flag("doubleEncode", default: !isS3),
            normalizesPath: try settings.flag("normalizePath", default: !isS3),
            signedHeaders: Set(try settings.texts("signedHeaders", default: ["content-type"]).map { $0.lowercased() }))
        sendsContentHash = try settings.flag("contentSha256Header", default: isS3)
    }

    mutating func authenticate(_ request: OutgoingRequest, _ call: Call) throws -> Credentials {
        let time = SigningTime(wallMilliseconds: host.wallMilliseconds)
        let bodyHash = Hex.encode(Hash.sha256.digest(of: request.body))
        var fields: [(name: String, value: Secret)] = [("X-Amz-Date", Secret(text: time.text))]
        var signed = [("x-amz-date", Array(time.text.utf8))]
        if let sessionToken {
            fields.append(("X-Amz-Security-Token", sessionToken))
            signed.append(("x-amz-security-token", sessionToken.withBytes { Array($0) }))
        }
        if sendsContentHash {
            fields.append(("X-Amz-Content-Sha256", Secret(text: bodyHash)))
            signed.append(("x-amz-content-sha256", Array(bodyHash.utf8)))
        }
        let canonical = CanonicalRequest(request, adding: signed, bodyHash: bodyHash, rules)
        let credential = "\(time.day)/\(scope.region)/\(scope.service)/aws4_request"
        let digest = Hex.encode(Hash.sha256.digest(of: canonical.bytes))
        let text = "AWS4-HMAC-SHA256\n\(time.text)\n\(credential)\n\(digest)"
        let signature = Hex.encode(key(of: time.day).code(of: Array(text.utf8)))
        fields.append((
            "Authorization",
            Secret(
                text: "AWS4-HMAC-SHA256 Credential=\(accessKeyID)/\(credential), "
                    + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)")
        ))
        return .headers(fields)
    }

    private mutating func key(of day: String) -> HMACKey {
        if let key, key.day == day { return key.key }
        let made = scope.key(of: day)
        key = (day, made)
        return made
    }
}

@c(hks_plugin_entry)
public func entry(_ hostABIMajor: UInt32) -> UnsafePointer<hks_entry>? {
    PluginLibrary.entry(offering: .authenticator(AwsSigV4.self))
}
