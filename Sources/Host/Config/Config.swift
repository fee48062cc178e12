// Config: what an operator can set. `HostConfiguration.load` puts defaults, the file and the environment together and
// says everything that is wrong with them at once, in sentences. It reads files and nothing else of the machine.
//
// `Setting.all` is the one list of settings: name, rule, default and where the value goes all follow from it.
