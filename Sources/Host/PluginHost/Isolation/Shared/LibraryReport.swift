import Ports

/// What a child found in its library.
enum LibraryReport: Equatable {
    case plugin([ReportedComponent])
    /// It has no entry function.
    case notPlugin
    case refused(Refused)

    /// False if it does not fit.
    func write(to wire: inout WireWriter) -> Bool {
        switch self {
        case .plugin(let components):
            wire.write(1 as UInt8)
            wire.write(UInt32(components.count))
            for component in components { component.write(to: &wire) }
        case .notPlugin:
            wire.write(2 as UInt8)
        case .refused(let refused):
            wire.write(3 as UInt8)
            wire.write(refused.sentence)
        }
        return !wire.isOverfull
    }

    init(from wire: inout WireReader) throws(Malformed) {
        switch try wire.byte() {
        case 1:
            var components: [ReportedComponent] = []
            let most = Interface.componentsPerKindMax * PluginKind.allCases.count
            for _ in 0..<(try wire.count(max: most)) { components.append(try ReportedComponent(from: &wire)) }
            self = .plugin(components)
        case 2: self = .notPlugin
        case 3: self = .refused(Refused(try wire.text()))
        default: throw Malformed()
        }
        try wire.finish()
    }
}

/// A component in a child's words.
struct ReportedComponent: Equatable {
    var kind: PluginKind
    var name: String
    var version: String
    var description: String
    var schema: [UInt8]

    init(_ offer: OfferedComponent) {
        kind = offer.kind
        name = offer.name
        version = offer.version
        description = offer.description
        schema = offer.schemaBytes
    }

    func write(to wire: inout WireWriter) {
        for text in [kind.rawValue, name, version, description] { wire.write(text) }
        wire.write(schema)
    }

    init(from wire: inout WireReader) throws(Malformed) {
        guard let kind = PluginKind(rawValue: try wire.text()) else { throw Malformed() }
        self.kind = kind
        name = try wire.text()
        version = try wire.text()
        description = try wire.text()
        schema = try wire.bytes()
    }
}
