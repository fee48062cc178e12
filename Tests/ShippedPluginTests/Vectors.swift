import Foundation
import JSON

/// Published test vectors, kept as data.
enum Vectors {
    /// The array in `Vectors/<name>.json`; empty if it cannot be read, which the tests that count their cases notice.
    static func list(_ name: String) -> [JSONValue] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Vectors/\(name).json")
        guard let text = try? Data(contentsOf: file), let value = try? JSONValue(parsing: [UInt8](text)) else {
            return []
        }
        return value.elements ?? []
    }
}
