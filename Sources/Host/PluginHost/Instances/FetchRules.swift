import Ports

/// What a plugin may ask the host to fetch (authenticator.h, fetch).
enum FetchRules {
    static let methodBytesMax = 8
    static let urlBytesMax = 8 << 10
    static let bodyBytesMax = 64 << 10

    static func isMethod(_ method: String) -> Bool { method == "GET" || method == "POST" }

    /// What is wrong with a request, in the words that follow the plugin's name; nil if nothing is.
    static func brokenRule(_ request: FetchRequest) -> String? {
        guard isMethod(request.method) else { return "asked for a fetch with a method other than GET and POST" }
        guard request.url.utf8.count <= urlBytesMax, SettingsURI.isURI(request.url) else {
            return "asked for a fetch from something that is not an absolute URL"
        }
        guard request.body.count <= bodyBytesMax else {
            return "asked for a fetch with a body over \(bodyBytesMax >> 10) KiB"
        }
        // A fetch is the plugin's own request: it names its own content type.
        return HeaderRules.brokenRule(request.headers, allowsReserved: true).map { "\($0), in a fetch" }
    }
}
