// The children of `plugin check` and of isolated libraries, without the rest of the executable: what PluginHostTests
// start.
import Glibc
import PluginHost

let arguments = Array(CommandLine.arguments.dropFirst())
switch arguments.first {
case "plugin-host": PluginChild.run(Array(arguments.dropFirst()))
case let path? where arguments.count == 1: exit(PluginCheck.runAllChecks(path) ? 0 : 1)
default: exit(2)
}
