"""Three `serve` processes, three RabbitMQ nodes, one PostgreSQL: joining, leaving, dying, under load."""
import collections
import json
import threading
import time
import unittest

from support.client import Tenant
from support.conditions import eventually
from support.load import Load, Tally
from support.receiver import Receiver, Reply
from support.scene import migrate, say
from support.server import Server, log_lines
from support.services import Services

LIMIT_SECONDS = 120
RATE = 120
SHARDS = 16
#: limits.shard_lease_ms
LEASE_SECONDS = 7
DESTINATIONS = 24
CONCURRENCY = 2

services = None


def setUpModule():
    global services
    services = Services.private(HOOKSENTRY_RABBITMQ_NODES="3")
    unittest.addModuleCleanup(services.close)


class Door:
    """A behaviour that takes its time, and counts how many requests are inside at a time."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.inside = 0
        self.most = 0
        self._lock = threading.Lock()
        self._never = threading.Event()

    def __call__(self, request):
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self._never.wait(self.seconds)
        with self._lock:
            self.inside -= 1
        return Reply(200)


class NodesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.environment = {**services.default_environment(), "HOOKSENTRY_QUEUE_TYPE": "quorum"}
        migrate(cls.environment)

    def setUp(self):
        self.nodes = [Server({**self.environment, "HOOKSENTRY_INSTANCE_NAME": f"node-{name}"}, name=f"node-{name}")
                      for name in "abc"]
        for node in self.nodes:
            self.addCleanup(node.close)
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)

    def begin(self, *nodes):
        """Starts the nodes and a load on the first of them, over many destinations; one of them gets a third of it,
        nearly as much as it can take."""
        for node in nodes:
            node.start()
        self.share_evenly(*nodes)
        self.tenant = Tenant(nodes[0].port, maxTrys=5, circuitBreakerTimer=1)
        self.paths = [f"/{number}" for number in range(DESTINATIONS)]
        self.doors = [Door(0.04 if number == 0 else 0.005) for number in range(DESTINATIONS)]
        targets = [self.tenant.destination(self.receiver.on(path, door), serverRateLimit=CONCURRENCY)
                   for path, door in zip(self.paths, self.doors)]
        turns = [target for pair in zip(targets[1::2], targets[2::2] + targets[-1:]) for target in (targets[0], *pair)]
        load = Load(self.tenant, turns, RATE).start()
        self.addCleanup(load.stop)
        self.wait_for_deliveries(200)
        return load

    def accepted(self):
        return sum((self.receiver.accepted(path) for path in self.paths), collections.Counter())

    def wait_for_deliveries(self, more):
        goal = len(self.accepted()) + more
        eventually(lambda: len(self.accepted()) >= goal, LIMIT_SECONDS,
                   lambda: f"{goal} delivered; so far {len(self.accepted())}")

    def shares(self, *nodes):
        return sorted(int(node.metrics()["hooksentry_shards_owned"]) for node in nodes)

    def share_evenly(self, *nodes):
        """Waits until they have all shards, none more than one above another; the seconds that took."""
        began = time.monotonic()

        def is_even():
            shares = self.shares(*nodes)
            return sum(shares) == SHARDS and shares[-1] - shares[0] <= 1
        eventually(is_even, LIMIT_SECONDS, lambda: f"shards spread evenly: {self.shares(*nodes)}")
        return time.monotonic() - began

    def duplicates(self):
        return {number: count for number, count in self.accepted().items() if count > 1}

    def settle(self, load, duplicates_max):
        load.stop()
        eventually(lambda: load.accepted.keys() <= self.accepted().keys(), LIMIT_SECONDS,
                   lambda: f"everything delivered; {Tally(load, self.accepted())}")
        eventually(lambda: self.tenant.unfinished() == 0, LIMIT_SECONDS,
                   lambda: f"all settled; {self.tenant.unfinished()} events are not")
        tally = Tally(load, self.accepted())
        most = max(door.most for door in self.doors)
        say(f"{self.id().rsplit('.', 1)[-1]}: {tally}; in flight at one destination at most {most} of {CONCURRENCY}")
        self.assertEqual((tally.lost, tally.refused, tally.unknown), (0, 0, 0))
        self.assertLessEqual(tally.duplicates, duplicates_max)
        # Exactly: the limit was used, and by whichever nodes, never exceeded.
        self.assertEqual(most, CONCURRENCY)

    def test_nodes_join_leave_and_die(self):
        a, b, c = self.nodes
        load = self.begin(a, b)
        c.start()
        joined = self.share_evenly(a, b, c)
        self.wait_for_deliveries(200)
        b.process.terminate()
        self.assertEqual(b.process.wait(40), 0)
        left = self.share_evenly(a, c)
        self.wait_for_deliveries(200)
        self.assertEqual(self.duplicates(), {}, "planned changes deliver nothing twice")
        say(f"evenly again {joined:.1f} s after a node joined, {left:.1f} s after one left")
        self.assertLessEqual(max(joined, left), LEASE_SECONDS)

        c.kill()
        killed = time.monotonic()
        # What was on its way when the node died may still come in a moment later.
        resumed = eventually(lambda: self.resumed(killed + 0.5), LIMIT_SECONDS, "all destinations are served again")
        say(f"all destinations were served again {resumed - killed:.1f} s after a node was killed")
        self.assertLessEqual(resumed - killed, 10)
        self.share_evenly(a)
        self.settle(load, duplicates_max=60)

    def resumed(self, moment):
        """When the last of the destinations was first served after that moment; None while one still waits."""
        firsts = [next((request.at for request in self.receiver.requests(path) if request.at > moment), None)
                  for path in self.paths]
        return None if None in firsts else max(firsts)

    # RabbitMQ

    def broker(self, node, role):
        """The name of the RabbitMQ node that this part of a node was connected to last."""
        ports = [int(line["port"]) for line in log_lines(node.log())
                 if line["message"] == f"The {role} is connected to the broker."]
        urls = self.environment["HOOKSENTRY_AMQP_URL"].split(",")
        place = next(place for place, url in enumerate(urls) if f":{ports[-1]}/" in url)
        return "rabbitmq" if place == 0 else f"rabbitmq-{place + 1}"

    def kill_broker(self, broker, nodes):
        """Kills it and waits until nobody is connected to it, and everybody to another. Seconds."""
        began = time.monotonic()
        services.command("stop", broker, "--now")

        def connections():
            return [(self.broker(node, role), node.metrics()[f'hooksentry_broker_connected{{role="{role}"}}'])
                    for node in nodes for role in ("publisher", "consumer")]
        eventually(lambda: all(name != broker and up == 1 for name, up in connections()), LIMIT_SECONDS,
                   lambda: f"all left {broker}: {connections()}")
        return time.monotonic() - began

    def wait_for_broker(self, nodes, events):
        """Waits until so many more have gone through the broker, in and out."""
        def through():
            samples = [node.metrics() for node in nodes]
            return [sum(sample[f"hooksentry_broker_{what}_total"] for sample in samples)
                    for what in ("confirmed", "consumed")]
        before = through()
        eventually(lambda: all(now >= then + events for now, then in zip(through(), before)), LIMIT_SECONDS,
                   lambda: f"{events} more than {before} through the broker: {through()}")

    def test_rabbitmq_nodes_die(self):
        nodes = self.nodes[:2]
        load = self.begin(*nodes)
        fatal = self.broker(nodes[0], "publisher")
        # They begin at different ones, so a part of this process is struck each time.
        other = self.broker(nodes[0], "consumer")
        self.assertNotEqual(other, fatal)
        first = self.kill_broker(other, nodes)
        self.wait_for_broker(nodes, 100)
        services.command("start", other)
        services.command("rabbitmqctl", "-q", "await_online_nodes", "3")
        second = self.kill_broker(fatal, nodes)
        self.wait_for_broker(nodes, 100)
        say(f"connected elsewhere {first:.1f} s after one RabbitMQ node was killed, {second:.1f} s after another")
        lines = [line for node in nodes for line in log_lines(node.log())]
        moves = [line for line in lines if line["message"].endswith("turns to another node of the broker.")]
        self.assertTrue(all(line["next_port"] != line["port"] for line in moves) and moves)
        self.assertNotIn("guest:guest", json.dumps(lines))
        self.settle(load, duplicates_max=0)
