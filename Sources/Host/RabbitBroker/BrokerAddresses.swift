/// The nodes of a broker's cluster, any of which will do: URIs separated by commas, in the order in which they are
/// tried. A comma within a URI (in a password, say) is written `%2C`.
package struct BrokerAddresses: Sendable, Equatable {
    /// Never empty.
    package private(set) var nodes: [BrokerURL]

    package init(_ text: String) throws(BrokerError) {
        let texts = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.filter { !$0.isWhitespace } }
        nodes = []
        for (index, text) in texts.enumerated() {
            do throws(BrokerError) {
                nodes.append(try BrokerURL(text))
            } catch {
                guard texts.count > 1 else { throw error }
                throw BrokerError(
                    scope: error.scope, code: error.code,
                    sentence: "Entry \(index + 1) of \(texts.count) of the broker's URLs: \(error.sentence)")
            }
        }
    }

    /// In an order of chance, so that processes spread over the nodes and those of a node that dies over the others.
    package func shuffled() -> BrokerAddresses {
        var shuffled = self
        shuffled.nodes.shuffle()
        return shuffled
    }

    /// Begins with the second node; a process whose publisher and consumer begin at different ones loses only half
    /// with a node.
    package var rotated: BrokerAddresses {
        var rotated = self
        rotated.nodes.append(rotated.nodes.removeFirst())
        return rotated
    }
}
