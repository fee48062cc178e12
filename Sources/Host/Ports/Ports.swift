// Ports: what the core needs from the outside world, as protocols and the values they speak in.
//
// Delivery, Ingest and ManagementAPI call these; PostgresStore, RabbitBroker, HTTPSender and PluginHost
// implement them and never import one another or the core. The two sides meet in the executable. The
// protocols have a module of their own, and not a place in Delivery, so that an adapter does not drag in the
// engine, and the store need not import the API to serve it.
//
// Threads: a protocol that says "blocking" is called from a dedicated thread, which owns the conforming
// object (and the connection in it) alone. Those marked `Sendable` may be called from anywhere and never block.
