// The children of `plugin check` and of isolated libraries, without the rest of the executable: what PluginHostTests
// start.
import Glibc
import PluginHost

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "plugin-host": PluginChild.run(Array(arguments.dropFirst()))
case let path?:
    guard let plan = CheckPlan(words: Array(arguments.dropFirst())) else { exit(2) }
    exit(PluginCheck.runChecks(path, plan) ? 0 : 1)
case nil: exit(2)
}
