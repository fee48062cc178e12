/// What statements say about rows of events `e` that they look up by their ids.
enum EventRow {
    /// It is not final. The table's check makes that the same as `e.due_at IS NOT NULL`, but the planner must not know:
    /// there are indexes of the rows that have a `due_at`, and while statistics know of few it would rather read all of
    /// those for each batch, fresh ones and dead ones included, than look for a handful of ids in many partitions. Nor
    /// may it have statistics of the condition: they are about what is stored, of which next to nothing waits, while
    /// nearly all of a batch does, and for the one row it would expect it compares each row with each.
    static let waits = "CASE WHEN e.status IN (2, 5, 6, 7) THEN false ELSE true END"
}
