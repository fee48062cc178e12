// RabbitBroker: the hot path from accept to deliver, over librabbitmq.
//
// Threads: the publisher and the consumer each own one thread and one connection; librabbitmq's connection
// belongs to that thread alone. Everyone else talks to them through a queue and a `Waker`, and never waits.
//
// States of both: away (going from node to node of the cluster, with a rest after each round) → connected → away.
// Connecting declares the topology first, so a wiped broker is as good as new one round trip later. Nothing survives a
// connection: the publisher counts what was unconfirmed as dropped, for the store hands it over, and receipts of the
// consumer's old channels are ignored, for the broker delivers those messages again.
//
// A shard of the consumer: refused (its previous owner is still there; asked again every 250 ms) → consuming →
// cancelled (dropped, still acknowledging) → released. Each has a channel of its own, because a refusal or a wrong
// acknowledgement closes the channel it happens on.
