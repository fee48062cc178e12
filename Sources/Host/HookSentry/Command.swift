import Glibc
import PluginHost

/// What the program can be told to do. Exit codes: 0 good, 1 failed, 2 usage.
enum Command {
    static let version = "1.0.0"

    static func run(_ arguments: [String], environment: [String: String]) -> Int32 {
        do throws(UsageError) {
            var arguments = Arguments(arguments)
            switch arguments.word() {
            case "serve": return try ServeCommand(&arguments, environment).run()
            case "migrate": return try MigrateCommand(&arguments, environment).run()
            case "plugin": return try PluginCommand.run(&arguments, environment)
            // For a host to start, and nobody else: see PluginChild.
            case PluginCommand.hostWord: PluginChild.run(arguments.rest())
            case "config": return try ConfigCommand(&arguments, environment).run()
            case "demo": return try DemoCommand(&arguments, environment).run()
            case nil where arguments.flag("--version"):
                print("hooksentry \(version)")
                return 0
            case nil where arguments.flag("--help") || arguments.flag("-h"):
                print(usage)
                return 0
            case nil: throw UsageError("name a command", usage: usage)
            case .some(let unknown): throw UsageError("there is no command '\(unknown)'", usage: usage)
            }
        } catch {
            complain(error.sentence + "\n\n" + error.usage)
            return 2
        }
    }

    /// One sentence on standard error, as every failure of a command ends.
    static func complain(_ sentence: String) {
        fflush(nil)
        var line = "hooksentry: \(sentence)\n"
        line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
    }

    static let usage = """
        usage: hooksentry COMMAND [OPTION ...]

          serve           accept, store, queue and deliver events until told to stop
          migrate         bring the database's schema up to this version
          plugin list     the components that plugins offer, and libraries that were refused
          plugin new      a small project to make a plugin of your own from
          plugin check    try a plugin library in a process of its own
          plugin simulate what a retry policy does after failures
          plugin reload   make a running server load what is new or changed
          config check    read the configuration and say what is wrong with it
          demo            show the whole platform at work on a running server

          --version       print the version
          --help          after any command: what it does and takes

        exit codes: 0 good, 1 failed, 2 usage
        """
}

/// The command line cannot be understood.
struct UsageError: Error {
    var sentence: String
    var usage: String

    init(_ sentence: String, usage: String) {
        self.sentence = sentence
        self.usage = usage
    }
}
