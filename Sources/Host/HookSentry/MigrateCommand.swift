import Config
import PostgresStore

/// `hooksentry migrate`: brings the database's schema up to this version.
struct MigrateCommand {
    static let usage = """
        usage: hooksentry migrate [--config FILE]

        Applies the schema changes that the database lacks, each in its own transaction, and prints their names. Safe
        to run again, and from several machines at a time.
        """

    private let file: String?
    private let environment: [String: String]
    private let helped: Bool

    init(_ arguments: inout Arguments, _ environment: [String: String]) throws(UsageError) {
        file = try arguments.value("--config", usage: Self.usage)
        helped = try arguments.finish(usage: Self.usage)
        self.environment = environment
    }

    func run() -> Int32 {
        if helped { return 0 }
        guard let configuration = ConfiguredProcess.load(file, environment, purpose: .migrate) else { return 1 }
        do throws(MigrationError) {
            let applied = try Migrator(url: configuration.databaseURL).migrate(shards: configuration.shardCount)
            for name in applied { print("applied \(name)") }
            if applied.isEmpty { print("the schema is up to date") }
            return 0
        } catch {
            Command.complain(error.sentence)
            return 1
        }
    }
}
