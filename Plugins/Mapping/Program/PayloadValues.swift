import JSON

/// Where in a payload the values lie that a program's paths lead to, found in one walk.
struct PayloadValues {
    /// What a payload holds at a node of the tree.
    struct Found {
        var kind: JSONKind
        /// The value's bytes; for containers only where they begin.
        var range: Range<Int>
        /// Numbers the finds of this walk. A find counts only while its parent's find is still the one it was made in:
        /// of members with the same name the last one counts, with all that is below it, and nothing below an earlier
        /// one does. Comparing numbers settles that without clearing whole branches each time a name repeats.
        var number: Int
        var parentNumber: Int
    }

    private let tree: PathTree
    private var found: [Found?]
    private var finds = 0

    /// Walks through all of the payload and refuses it if it is not JSON.
    init(of payload: Span<UInt8>, tree: PathTree) throws(JSONError) {
        self.tree = tree
        found = Array(repeating: nil, count: tree.nodes.count)
        var cursor = JSONCursor()
        try visit(0, parent: 0, in: payload, at: &cursor)
        try cursor.finish(in: payload)
    }

    /// The value at a node; nil if there is none.
    func value(at node: Int) -> Found? {
        guard let value = found[node] else { return nil }
        var below = value
        var node = node
        while node != 0 {
            node = tree.nodes[node].parent
            guard let parent = found[node], below.parentNumber == parent.number else { return nil }
            below = parent
        }
        return value
    }

    /// Notes the value that comes next as the one at this node and looks for its children in it. It recurses only where
    /// a path leads, and no deeper than the cursor allows.
    private mutating func visit(
        _ node: Int, parent: Int, in payload: Span<UInt8>, at cursor: inout JSONCursor
    ) throws(JSONError) {
        let kind = try cursor.peekKind(in: payload)
        finds += 1
        let start = cursor.offset
        found[node] = Found(
            kind: kind, range: start..<start, number: finds, parentNumber: node == 0 ? 0 : found[parent]?.number ?? 0)
        if kind == .object, !tree.nodes[node].members.isEmpty {
            try visitMembers(of: node, in: payload, at: &cursor)
        } else if kind == .array, !tree.nodes[node].elements.isEmpty {
            try visitElements(of: node, in: payload, at: &cursor)
        } else {
            found[node]?.range = try cursor.skipValue(in: payload)
        }
    }

    private mutating func visitMembers(
        of node: Int, in payload: Span<UInt8>, at cursor: inout JSONCursor
    ) throws(JSONError) {
        try cursor.enterObject(in: payload)
        while let name = try cursor.nextMember(in: payload) {
            if let child = child(of: node, named: name, in: payload) {
                try visit(child, parent: node, in: payload, at: &cursor)
            } else {
                try cursor.skipValue(in: payload)
            }
        }
    }

    private func child(of node: Int, named name: JSONText, in payload: Span<UInt8>) -> Int? {
        if name.isEscaped {
            let decoded = name.utf8(in: payload)
            return tree.child(of: node, named: decoded.span)
        }
        return tree.child(of: node, named: payload.extracting(name.range))
    }

    private mutating func visitElements(
        of node: Int, in payload: Span<UInt8>, at cursor: inout JSONCursor
    ) throws(JSONError) {
        var edges = tree.nodes[node].elements
        var index = 0
        try cursor.enterArray(in: payload)
        while try cursor.nextElement(in: payload) {
            // Both sides come in order, so the next edge is the only one that can match.
            if let next = edges.first, tree.elementEdges[next].index == index {
                edges.removeFirst()
                try visit(tree.elementEdges[next].child, parent: node, in: payload, at: &cursor)
            } else {
                try cursor.skipValue(in: payload)
            }
            index += 1
        }
    }
}
