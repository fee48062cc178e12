import Ports

extension [ReportedComponent] {
    /// What a child says of its library, held against the rules once more: its word is not enough.
    func checked() throws(Refused) -> [OfferedComponent] {
        var offers: [OfferedComponent] = []
        for (index, reported) in enumerated() {
            let offer = try OfferedComponent(
                reported.kind, number: index + 1, name: reported.name, version: reported.version,
                description: reported.description, schema: reported.schema)
            guard !offers.contains(where: { $0.kind == offer.kind && $0.name == offer.name }) else {
                throw Refused("offers the \(offer.kind.name) \(offer.name) twice")
            }
            offers.append(offer)
        }
        return offers
    }
}
