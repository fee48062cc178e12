/// Finds the route of a path in a tree of segments that is built once. Where several children fit, a literal goes
/// before a UUID and a UUID before any segment; a child that leads nowhere is given up for the next.
struct Router: Sendable {
    enum Match: Equatable {
        /// route: index into the list the router was made from.
        case route(Int, [String: String])
        /// The value for `Allow`.
        case methodNotAllowed(String)
        case notFound
        /// A segment that would be a parameter is not text.
        case badPath
    }

    private struct Node {
        var literals: [(segment: [UInt8], node: Int)] = []
        var uuid: Int?
        var any: Int?
        var routes: [(method: String, route: Int)] = []
        var allow = ""
    }

    private var nodes = [Node()]
    private var names: [[(segment: Int, name: String)]] = []

    /// Traps on a pattern that is malformed or given twice: both are mistakes in our own tables.
    init(_ routes: [Route]) {
        for (index, route) in routes.enumerated() { insert(route, index) }
        for index in nodes.indices { nodes[index].allow = allowHeader(nodes[index].routes.map(\.method)) }
    }

    private mutating func insert(_ route: Route, _ index: Int) {
        precondition(route.pattern.hasPrefix("/"), "the route \(route.pattern) does not begin with a slash")
        var node = 0
        var parameters: [(segment: Int, name: String)] = []
        let segments = route.pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (position, segment) in segments.enumerated() {
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else {
                node = literalChild(of: node, Array(segment.utf8))
                continue
            }
            let parts = segment.dropFirst().dropLast().split(separator: ":", omittingEmptySubsequences: false)
            precondition(parts.count == 1 || parts.count == 2 && parts[1] == "uuid", "bad placeholder \(segment)")
            parameters.append((position, String(parts[0])))
            node = parts.count == 2 ? child(of: node, \.uuid) : child(of: node, \.any)
        }
        precondition(
            !nodes[node].routes.contains { $0.method == route.method },
            "the route \(route.method) \(route.pattern) is there twice")
        nodes[node].routes.append((route.method, index))
        names.append(parameters)
    }

    private mutating func literalChild(of node: Int, _ segment: [UInt8]) -> Int {
        if let known = nodes[node].literals.first(where: { $0.segment == segment }) { return known.node }
        nodes.append(Node())
        nodes[node].literals.append((segment, nodes.count - 1))
        return nodes.count - 1
    }

    private mutating func child(of node: Int, _ kind: WritableKeyPath<Node, Int?>) -> Int {
        if let known = nodes[node][keyPath: kind] { return known }
        nodes.append(Node())
        nodes[node][keyPath: kind] = nodes.count - 1
        return nodes.count - 1
    }

    func match(_ method: String, _ path: PathSegments) -> Match {
        guard let node = descend(0, path, 0) else { return .notFound }
        let routes = nodes[node].routes
        // A GET route answers HEAD as well; the server library leaves the body out.
        let found =
            routes.first { $0.method == method }
            ?? (method == "HEAD" ? routes.first { $0.method == "GET" } : nil)
        guard let found else { return .methodNotAllowed(nodes[node].allow) }
        var parameters: [String: String] = [:]
        for (segment, name) in names[found.route] {
            guard let text = path.text(segment) else { return .badPath }
            parameters[name] = text
        }
        return .route(found.route, parameters)
    }

    private func descend(_ node: Int, _ path: PathSegments, _ depth: Int) -> Int? {
        guard depth < path.count else { return nodes[node].routes.isEmpty ? nil : node }
        let segment = path[depth]
        if let literal = nodes[node].literals.first(where: { segment.elementsEqual($0.segment) }),
            let end = descend(literal.node, path, depth + 1)
        {
            return end
        }
        if let uuid = nodes[node].uuid, isUUID(segment), let end = descend(uuid, path, depth + 1) { return end }
        if let any = nodes[node].any, !segment.isEmpty { return descend(any, path, depth + 1) }
        return nil
    }
}

private func allowHeader(_ methods: [String]) -> String {
    (methods + (methods.contains("GET") && !methods.contains("HEAD") ? ["HEAD"] : [])).sorted().joined(separator: ", ")
}

/// The canonical text form, in either case.
private func isUUID(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.count == 36 else { return false }
    for (position, byte) in text.enumerated() {
        switch position {
        case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return false }
        default: guard hexDigit(byte) != nil else { return false }
        }
    }
    return true
}
