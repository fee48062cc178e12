// The child of `plugin check`, without the rest of the executable: what PluginHostTests start.
import Glibc
import PluginHost

guard CommandLine.arguments.count == 2 else { exit(2) }
exit(PluginCheck.runAllChecks(CommandLine.arguments[1]) ? 0 : 1)
