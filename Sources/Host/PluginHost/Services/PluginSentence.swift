/// Text from a plugin, made fit for people: without secrets, control characters and broken UTF-8, and bounded.
enum PluginSentence {
    /// Bytes of a sentence that are kept (host.h, report).
    static let reportBytesMax = 500
    /// Bytes of a log line that are kept (host.h, log).
    static let logBytesMax = 1_000
    /// Shorter secrets are not looked for: they would turn up in innocent words.
    static let secretBytesMin = 4

    /// The most bytes that are read of a text of which `limit` are kept, so that a secret across the limit is found.
    static func bytesRead(limit: Int, secrets: [[UInt8]]) -> Int {
        limit + (secrets.lazy.map(\.count).max() ?? 0)
    }

    /// bytes: of a longer text as many as `bytesRead` says.
    static func cleaned(_ bytes: [UInt8], limit: Int, secrets: [[UInt8]]) -> String {
        var bytes = withoutSecrets(bytes, limit, secrets)
        if bytes.count > limit { bytes.removeSubrange(cut(bytes, limit)...) }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var clean = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { clean.append(isControl(scalar) ? " " : scalar) }
        return String(clean)
    }

    /// What has to be looked for, longest first: a secret inside another must not leave the rest of the longer one.
    static func searchOrder(_ secrets: [[UInt8]]) -> [[UInt8]] {
        secrets.filter { $0.count >= secretBytesMin }.sorted { $0.count > $1.count }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x2028...0x202E).contains(scalar.value)
    }

    /// The last place at or before `limit` that does not split a character.
    private static func cut(_ bytes: [UInt8], _ limit: Int) -> Int {
        var end = limit
        while end > 0, end > limit - 4, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }

    /// What begins before the limit. What stands behind it must not move up when a secret before it becomes shorter: a
    /// secret there may be cut off, and so is not found.
    private static func withoutSecrets(_ bytes: [UInt8], _ limit: Int, _ secrets: [[UInt8]]) -> [UInt8] {
        let isSecret = places(of: secrets, in: bytes)
        let end = bytes.count > limit ? cut(bytes, limit) : bytes.count
        var clean: [UInt8] = []
        var index = 0
        while index < end {
            if isSecret[index] {
                clean.append(contentsOf: redactionMark.utf8)
                while index < bytes.count, isSecret[index] { index += 1 }
            } else {
                clean.append(bytes[index])
                index += 1
            }
        }
        return clean
    }

    /// By byte: whether it belongs to a secret.
    private static func places(of secrets: [[UInt8]], in bytes: [UInt8]) -> [Bool] {
        var isSecret = [Bool](repeating: false, count: bytes.count)
        for secret in secrets {
            guard let first = secret.first else { continue }
            var index = 0
            while index + secret.count <= bytes.count {
                let isFound = bytes[index] == first && bytes[index...].starts(with: secret)
                if isFound { for place in index..<index + secret.count { isSecret[place] = true } }
                index += isFound ? secret.count : 1
            }
        }
        return isSecret
    }
}
