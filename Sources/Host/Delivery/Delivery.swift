// Delivery: from work at hand to a settled outcome.
//
//   broker ─► MessageReceiver ─┐                    ┌─► ChainLane ─► Courier ─┐
//                              ▼                    │   transformers,         │
//   store ─► DueReader ─► Dispatcher ── attempts ───┘   authenticator,        │
//              ▲               │  ▲                     signer                │
//              │ checks, due   │  └──── conclusions ◄── ChainLane ◄───────────┘
//              └───────────────┤                        classification, retry policy
//                              ▼
//                           Settler ─► store ─► acknowledgements to the broker
//
// Each box is one thread that owns its state alone and posts batches into the next one's mailbox:
//
//   Dispatcher      which event may go now: ownership, concurrency, breaker, memory bounds. Speaks no HTTP.
//   ChainLane (n)   runs plugins for its share of the destinations: all foreign code of a delivery runs here. A lane
//                   whose thread is stuck in a plugin gets a new thread and loses only the attempt it was stuck in.
//   Settler         writes outcomes in batches. Their messages are acknowledged after its commit.
//   DueReader       finds work that waits in the store, and checks old messages against their rows.
//   SettingsLoader  reads destinations' settings when the dispatcher lacks them.
//   LeaseKeeper     holds the shards' leases and knows the database's clock.
//
// An event that the dispatcher knows of is *held*: from the moment it is received or read until its settlement has
// been committed. A held event is never dispatched a second time, whatever the broker or the due scan bring.
