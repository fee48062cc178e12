/// All paths of a program in one tree, so that one walk through a payload finds the values of all of them.
///
/// It is flat: nodes refer to ranges of shared arrays, and a walk touches no reference count. Node 0 is the root.
struct PathTree: Sendable {
    struct Node: Sendable {
        /// The node one step up; 0 for the root.
        var parent: Int
        /// Ranges of `memberEdges` and `elementEdges`.
        var members: Range<Int> = 0..<0
        var elements: Range<Int> = 0..<0
    }

    struct MemberEdge: Sendable {
        /// Range of `names`.
        var name: Range<Int>
        var child: Int
    }

    struct ElementEdge: Sendable {
        var index: Int
        var child: Int
    }

    private(set) var nodes: [Node] = []
    /// Sorted by length, then by bytes, within each node.
    private(set) var memberEdges: [MemberEdge] = []
    /// Sorted by index within each node.
    private(set) var elementEdges: [ElementEdge] = []
    private(set) var names: [UInt8] = []

    init(_ builder: PathTreeBuilder) {
        for (parent, edges) in zip(builder.parents, builder.edges) {
            var node = Node(parent: parent)
            var members: [(name: [UInt8], child: Int)] = []
            let firstElement = elementEdges.count
            for (step, child) in edges {
                switch step {
                case .member(let name): members.append((name, child))
                case .element(let index): elementEdges.append(ElementEdge(index: index, child: child))
                }
            }
            elementEdges[firstElement...].sort { $0.index < $1.index }
            node.elements = firstElement..<elementEdges.count
            node.members = append(members)
            nodes.append(node)
        }
    }

    private mutating func append(_ members: [(name: [UInt8], child: Int)]) -> Range<Int> {
        let first = memberEdges.count
        let sorted = members.sorted {
            $0.name.count != $1.name.count ? $0.name.count < $1.name.count : $0.name.lexicographicallyPrecedes($1.name)
        }
        for member in sorted {
            memberEdges.append(MemberEdge(name: names.count..<names.count + member.name.count, child: member.child))
            names.append(contentsOf: member.name)
        }
        return first..<memberEdges.count
    }

    /// The child that a member's name leads to; nil if no path goes there. Binary search, so that an object with many
    /// members costs little under a program with many paths.
    func child(of node: Int, named name: Span<UInt8>) -> Int? {
        var low = nodes[node].members.lowerBound
        var high = nodes[node].members.upperBound
        while low < high {
            let middle = (low + high) / 2
            let order = compare(name, memberEdges[middle].name)
            if order == 0 { return memberEdges[middle].child }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        return nil
    }

    /// Negative, zero or positive as the name sorts before, with or after the edge's.
    private func compare(_ name: Span<UInt8>, _ range: Range<Int>) -> Int {
        if name.count != range.count { return name.count - range.count }
        for offset in 0..<name.count where name[offset] != names[range.lowerBound + offset] {
            return Int(name[offset]) - Int(names[range.lowerBound + offset])
        }
        return 0
    }
}

/// Collects paths; shared beginnings share nodes.
struct PathTreeBuilder {
    private(set) var parents = [0]
    private(set) var edges: [[PathStep: Int]] = [[:]]

    /// The node that the path ends at.
    mutating func insert(_ steps: [PathStep]) -> Int {
        var node = 0
        for step in steps {
            if let child = edges[node][step] {
                node = child
            } else {
                let child = parents.count
                edges[node][step] = child
                parents.append(node)
                edges.append([:])
                node = child
            }
        }
        return node
    }
}
