import Domain
import Ports

/// `Qt`, `Pg`, `CpOrd` and `TpOrd` of a list route (api.md 1.8), with the documented defaults. Quantities outside
/// the bounds are moved to the nearest one; what is not a number is refused, and so is a page so far on that reading
/// the rows before it would cost more than the page.
struct Paging: Input {
    static let quantityMax = 200
    static let quantityDefault = 10

    let limit: Int
    let offset: Int
    private let sort: String?
    let descending: Bool

    init(reading request: RequestReader) throws(Refusal) {
        limit = min(max(try request.integer("Qt") ?? Self.quantityDefault, 1), Self.quantityMax)
        let page = min(max(try request.integer("Pg") ?? 1, 1), Int(Int32.max))
        offset = (page - 1) * limit
        guard offset <= request.limits.listRowsSkipped else {
            throw .invalid("Pg must not skip more than \(request.limits.listRowsSkipped) rows")
        }
        sort = request.text("CpOrd")
        let order = request.text("TpOrd") ?? "desc"
        descending = ["desc", "1"].contains { order.isExactlyIgnoringCase($0) }
        guard descending || ["asc", "0"].contains(where: { order.isExactlyIgnoringCase($0) }) else {
            throw .invalid("TpOrd must be Asc or Desc")
        }
    }

    /// fields: the names a client may sort by, the default first. Any case is accepted.
    func query(sortedBy fields: [String]) throws(Refusal) -> PageQuery {
        var name = fields[0]
        if let sort {
            guard let field = fields.first(where: { sort.isExactlyIgnoringCase($0) }) else {
                throw .invalid("CpOrd must be one of \(fields.joined(separator: ", "))")
            }
            name = field
        }
        return PageQuery(offset: offset, limit: limit, sort: name, descending: descending)
    }
}
