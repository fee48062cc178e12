import Ports

extension OfferedComponent {
    /// Holds a description against the rules of entry.h, wherever it comes from. A text is nil if it was too long, no
    /// UTF-8, or pointed nowhere. number: of its kind in the library, from 1.
    init(
        _ kind: PluginKind, number: Int, name: String?, version: String?, description: String?, schema: [UInt8]?
    ) throws(Refused) {
        guard let name, Self.isName(name) else {
            throw Refused(
                "gives its \(kind.name) number \(number) a name that is not a letter followed by letters, digits, "
                    + "'-' or '.', at most \(Interface.nameBytesMax) bytes")
        }
        self.kind = kind
        self.name = name
        self.version = try Self.line(version, Interface.versionBytesMax, "version of \(name)")
        self.description = try Self.line(description, Interface.descriptionBytesMax, "description of \(name)")
        guard let schema, !schema.isEmpty, schema.count <= Interface.schemaBytesMax else {
            throw Refused("has no settings schema for \(name), or one over \(Interface.schemaBytesMax >> 10) KiB")
        }
        schemaBytes = schema
        do {
            self.schema = try SettingsSchema(schema)
        } catch {
            throw Refused("offers \(name), but \(error.sentence)")
        }
    }

    private static func line(_ text: String?, _ limit: Int, _ what: String) throws(Refused) -> String {
        guard let text, !text.isEmpty, text.utf8.count <= limit, text.unicodeScalars.allSatisfy({ $0.value >= 0x20 })
        else { throw Refused("has a \(what) that is empty, over \(limit) bytes, or not one line of UTF-8") }
        return text
    }

    private static func isName(_ name: String) -> Bool {
        func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
        guard let first = name.utf8.first, isLetter(first), name.utf8.count <= Interface.nameBytesMax else {
            return false
        }
        return name.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) || $0 == 45 || $0 == 46 }
    }
}
