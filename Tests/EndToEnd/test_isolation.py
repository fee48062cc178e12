"""A destination that hangs must not slow the others, least of all its neighbours: those of the same shard."""
import json
import uuid

from support.conditions import eventually
from support.load import Load
from support.receiver import Reply, in_turn
from support.scene import SOON, SceneTest, say

SHARDS = 16


def shard(destination):
    """FNV-1a over the id's bytes, as Sources/Host/Domain/Shard.swift has it."""
    code = 0xCBF29CE484222325
    for byte in uuid.UUID(destination["id"]).bytes:
        code = (code ^ byte) * 0x100000001B3 % 2**64
    return code % SHARDS


def p99(values):
    return sorted(values)[int(len(values) * 0.99)]


class HangingDestinationTest(SceneTest):
    tenant_settings = {"maxTrys": 3, "circuitBreakerTimer": 300}

    def neighbour(self, other, name):
        """A destination in the same shard as another one."""
        while True:
            made = self.tenant.destination(self.receiver.url(name), serverRateLimit=20)
            if shard(made) == shard(other):
                return made

    def latencies(self, destination, name, count):
        """Seconds from the ingest request to arrival, for `count` events at 100 a second."""
        known = self.receiver.count(name)
        load = Load(self.tenant, destination, rate=100, total=count).start().join()
        self.assertEqual(len(load.accepted), count)
        eventually(lambda: self.receiver.count(name) - known >= count, 60,
                   lambda: f"{count} delivered, so far {self.receiver.count(name) - known}")
        return [request.at - load.asked[json.loads(request.body)["seq"]]
                for request in self.receiver.requests(name)[known:]]

    def test_neighbours_keep_their_pace(self):
        hanging = self.tenant.destination(self.receiver.on("/hang", self.receiver.hang))
        healthy = self.neighbour(hanging, "/healthy")
        before = p99(self.latencies(healthy, "/healthy", 300))
        backlog = Load(self.tenant, hanging, rate=2000, connections=8, total=2000).start().join()
        self.assertEqual(len(backlog.accepted), 2000)
        eventually(lambda: self.receiver.count("/hang") >= 1, 20, "the hanging destination is asked")
        during = p99(self.latencies(healthy, "/healthy", 300))
        say(f"p99 ingest to receiver: {before * 1000:.0f} ms before, {during * 1000:.0f} ms beside 2,000 stuck events")
        # The machine is shared: a factor alone would judge its noise.
        self.assertLess(during, max(3 * before, 0.5))
        # The limit of the hanging destination holds: 5 at a time and no more.
        self.assertLessEqual(self.receiver.count("/hang"), 5)

    def test_many_hanging_neighbours_do_not_fill_the_shard(self):
        first = self.tenant.destination(self.receiver.on("/many", self.receiver.hang))
        hanging = [first] + [self.neighbour(first, "/many") for _ in range(4)]
        healthy = self.neighbour(first, "/healthy-among-many")
        for destination in hanging:
            Load(self.tenant, destination, rate=2000, connections=4, total=200).start().join()
        eventually(lambda: self.receiver.count("/many") >= 5, 20, "the hanging destinations are asked")
        during = p99(self.latencies(healthy, "/healthy-among-many", 200))
        say(f"p99 ingest to receiver: {during * 1000:.0f} ms beside five hanging neighbours")
        self.assertLess(during, 0.5)

    def test_large_stuck_events_leave_memory_for_the_others(self):
        hanging = self.tenant.destination(self.receiver.on("/large", self.receiver.hang))
        # More than a worker's memory for events, 64 MiB.
        for number in range(80):
            self.tenant.accept(hanging, {"seq": number, "pad": "x" * 1_000_000})
        eventually(lambda: self.receiver.count("/large") >= 5, 20, "the hanging destination is asked")
        retried = self.tenant.destination(
            self.receiver.on("/retried", in_turn(Reply(500), Reply(200))), retryPolicy=SOON)
        # What fails comes again from the store, which is read only while there is memory for it.
        self.assertEqual(self.tenant.final(self.tenant.accept(retried, {"a": 1}))["status"], "Succeeded")
        fresh = self.tenant.destination(self.receiver.url("/fresh"), serverRateLimit=20)
        during = p99(self.latencies(fresh, "/fresh", 100))
        say(f"p99 ingest to receiver: {during * 1000:.0f} ms beside 80 stuck events of 1 MB")
        self.assertLess(during, 0.5)
        self.assertLessEqual(self.receiver.count("/large"), 5)
