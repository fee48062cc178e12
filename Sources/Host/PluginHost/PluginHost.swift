// PluginHost: the host's side of the plugin border. It finds and loads libraries, checks what they say about
// themselves, and makes their components look like the protocols in Ports.
//
// Folders: Border (constants and views Swift cannot import), Loading (files, handles, descriptions), Schema (the
// JSON Schema of settings), Services (what the host lends to an instance), Instances (one adapter a kind),
// Isolation (libraries in processes of their own: Host and Child, and what they Share), Inventory (`plugin list`),
// Check (`plugin check`).
//
// Threads: a `PluginRegistry` may be used from any thread. Loading happens on the thread that calls `load`. An
// instance belongs to one thread at a time; its host table may be used by the plugin only during a call, on that
// call's thread, which `HostServices` checks.
//
// Only this module knows where instances run: the chain sees the protocols of Ports.
