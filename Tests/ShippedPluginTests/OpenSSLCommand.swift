import Foundation

/// OpenSSL's own program, to check signatures with code that is not ours.
enum OpenSSLCommand {
    private static let path = "/usr/bin/openssl"

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// Whether a signature (in base64) over a text is good. key: PEM.
    static func accepts(
        _ signature: String, of text: String, key: String, _ options: [String], option: String = "-verify"
    ) throws -> Bool {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hooksentry-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["key", "signature", "text"].map { folder.appendingPathComponent($0) }
        try Data(key.utf8).write(to: files[0])
        guard let bytes = Data(base64Encoded: signature) else { return false }
        try bytes.write(to: files[1])
        try Data(text.utf8).write(to: files[2])
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments =
            ["dgst"] + options + [option, files[0].path, "-signature", files[1].path, files[2].path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// ECDSA-Sig-Value (RFC 3279, section 2.2.3), which the program wants instead of r and s side by side.
    static func derSignature(r: Data, s: Data) -> Data {
        let body = [r, s].map { number in
            var digits = Data(number.drop { $0 == 0 })
            if digits.isEmpty || digits[digits.startIndex] >= 0x80 { digits.insert(0, at: digits.startIndex) }
            return Data([2, UInt8(digits.count)]) + digits
        }.reduce(Data(), +)
        return Data([0x30, UInt8(body.count)]) + body
    }
}
