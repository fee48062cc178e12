// HookSentry: the executable. Commands, wiring, and the order in which things start and stop.

import Glibc

exit(Command.run(Array(CommandLine.arguments.dropFirst()), environment: ProcessEnvironment.current()))
