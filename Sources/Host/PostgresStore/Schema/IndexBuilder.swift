import Ports

/// Gives a big partitioned table a new index while it is being written to.
///
/// PostgreSQL cannot build an index of a partitioned table concurrently, but it can one of each partition, and the
/// table's own index then takes those in instead of building them. What is left of an attempt that was interrupted is
/// found and made anew, so that the step can be repeated.
struct IndexBuilder {
    let connection: PostgresConnection

    /// In a transaction of its own at the end; before, none may be open.
    func build(_ index: PartitionedIndex) throws(StoreError) {
        guard try state(of: index.name) == nil else { return }
        for partition in try partitions(of: index.table) {
            let name = "\(partition)_\(index.name)"
            let state = try state(of: name)
            if state == false { try connection.execute("DROP INDEX CONCURRENTLY \(name)") }
            if state != true {
                try connection.execute(index.creation(named: name, on: partition, concurrently: true))
            }
        }
        try connection.patientTransaction { () throws(StoreError) in
            try connection.execute(index.creation(named: index.name, on: index.table, concurrently: false))
        }
    }

    private func partitions(of table: String) throws(StoreError) -> [String] {
        try connection.query(Self.partitions) { $0.add(table) }.map { row throws(StoreError) in try row.value() }
    }

    /// Whether the index is complete; nil: there is none of this name.
    private func state(of index: String) throws(StoreError) -> Bool? {
        try connection.query(Self.isValid) { $0.add(index) }.first { row throws(StoreError) in try row.value() }
    }

    private static let partitions = Statement(
        "index_partitions",
        """
        SELECT inhrelid::regclass::text FROM pg_inherits
        WHERE inhparent = to_regclass($1) ORDER BY inhrelid::regclass::text
        """)
    private static let isValid = Statement(
        "index_is_valid",
        """
        SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE c.relname = $1::name AND c.relnamespace = current_schema()::regnamespace
        """)
}
