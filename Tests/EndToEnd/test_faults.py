"""kill -9, servers stopped, data wiped, all under load: what was acknowledged is delivered.

Each test prints exact counts. "Lost" must be 0; duplicates are bounded by what can be in flight when a
worker dies: the destination's concurrency limit and the settlements not yet committed.
"""
import json
import os
import shutil
import signal
import socket
import tempfile
import unittest

from support.attacks import LIBRARY, build_attacks, doing, plugin_processes
from support.client import Tenant
from support.conditions import eventually
from support.load import Load, Tally
from support.receiver import Receiver
from support.scene import migrate, say
from support.server import Server
from support.services import Services

LIMIT_SECONDS = 120
RATE = 150

services = None


def setUpModule():
    global services
    services = Services.private()
    unittest.addModuleCleanup(services.close)


class FaultTest(unittest.TestCase):
    """Tests share the instance of this module, one after the other, each with a tenant of its own."""

    @classmethod
    def setUpClass(cls):
        # Each test has a tenant of its own, and all come from one address.
        cls.environment = {**services.default_environment(), "HOOKSENTRY_LIMITS_TENANTS_PER_ADDRESS": "1000"}
        migrate(cls.environment)

    def begin(self, *servers):
        """Starts the servers and a load on the first one; the load, once events have gone through."""
        for server in servers:
            self.addCleanup(server.close)
            server.start()
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)
        self.tenant = Tenant(servers[0].port, maxTrys=5, circuitBreakerTimer=1)
        target = self.tenant.destination(self.receiver.url("/"), serverRateLimit=20)
        load = Load(self.tenant, target, RATE).start()
        self.addCleanup(load.stop)
        self.wait_for_deliveries(200)
        return load

    def test_an_orderly_stop_delivers_nothing_twice_whatever_a_client_does(self):
        server = Server({**self.environment, "HOOKSENTRY_SHUTDOWN_GRACE_MS": "4000"}, name="stopped")
        load = self.begin(server)
        slow = self.tenant.destination(self.receiver.on("/slow", self.receiver.after(0.7)), serverRateLimit=5)
        accepted = [self.tenant.accept(slow, {"seq": number}) for number in range(40)]
        eventually(lambda: self.receiver.count("/slow") >= 5, LIMIT_SECONDS, "deliveries are in flight")
        # Its request is never complete, and would take all of the grace.
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(b"POST /api/v1/ingest/x/y HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{")
            load.stop()
            server.process.terminate()
            # Whoever comes next need not wait for that client: the shards are given back before the process ends.
            eventually(lambda: self.leases() == 0, LIMIT_SECONDS, "the leases are given back")
            self.assertIsNone(server.process.poll(), "the client has held up the end")
            self.assertEqual(server.process.wait(40), 0)
        server.start()
        eventually(lambda: self.receiver.unique("/slow") == 40, LIMIT_SECONDS, "all are delivered")
        for event in accepted:
            self.tenant.final(event)
        self.assertEqual(self.receiver.count("/slow"), 40)
        self.settle(load, duplicates_max=0)

    def leases(self):
        return int(services.command("psql", "-XAtqc", "select count(*) from shard_leases where node_id is not null"))

    def wait_for_deliveries(self, count):
        eventually(lambda: self.receiver.unique("/") >= count, LIMIT_SECONDS,
                   lambda: f"{count} delivered; so far {self.receiver.unique('/')}")

    def wait_for_more_accepted(self, load, count):
        goal = load.sent() + count
        eventually(lambda: load.sent() >= goal, LIMIT_SECONDS, lambda: f"{goal} accepted; so far {load.sent()}")

    def settle(self, load, duplicates_max):
        """Ends the load, waits until all that was acknowledged has arrived, and judges the counts."""
        load.stop()
        eventually(lambda: load.accepted.keys() <= self.receiver.accepted("/").keys(), LIMIT_SECONDS,
                   lambda: f"everything delivered; {Tally(load, self.receiver.accepted('/'))}")
        eventually(lambda: self.tenant.unfinished() == 0, LIMIT_SECONDS,
                   lambda: f"all settled; {self.tenant.unfinished()} events are not")
        self.assertGreaterEqual(self.tenant.total("Succeeded"), len(load.accepted))
        tally = Tally(load, self.receiver.accepted("/"))
        say(f"{self.id().rsplit('.', 1)[-1]}: {tally}")
        self.assertEqual(tally.lost, 0)
        self.assertLessEqual(tally.duplicates, duplicates_max)
        return tally

    def test_a_worker_killed_under_load(self):
        api = Server(self.environment, roles="api", name="api")
        worker = Server(self.environment, roles="worker", name="worker")
        load = self.begin(api, worker)
        worker.kill()
        self.wait_for_more_accepted(load, 100)
        worker.start()
        self.wait_for_deliveries(self.receiver.unique("/") + 100)
        self.settle(load, duplicates_max=100)
        self.assertEqual(len(load.refused), 0)

    def readiness(self, server):
        """Why each part is not ready; nothing before the server listens."""
        try:
            return {part["name"]: part["reason"] for part in json.loads(server.get("/health/ready")[1])["parts"]}
        except OSError:
            return {}

    def test_it_starts_without_its_servers_and_delivers_without_a_broker(self):
        services.command("stop", "rabbitmq")
        self.addCleanup(services.command, "start", "rabbitmq")
        services.command("stop", "postgres")
        server = Server(self.environment)
        self.addCleanup(server.close)
        server.start(ready=False)
        eventually(lambda: self.readiness(server).get("store"), 20, "the missing store is named")
        self.assertEqual(server.get("/health/ready")[0], 503)
        services.command("start", "postgres")
        eventually(server.is_ready, 30, "it is ready without a broker")
        self.assertIsNotNone(self.readiness(server)["broker"])
        receiver = Receiver()
        self.addCleanup(receiver.close)
        tenant = Tenant(server.port)
        target = tenant.destination(receiver.url("/"))
        # Well under the 30 s that an event waits for a message that is on its way.
        self.assertEqual(tenant.final(tenant.accept(target, {"a": 1}), limit=10)["status"], "Succeeded")
        services.command("start", "rabbitmq")
        eventually(lambda: self.readiness(server)["broker"] is None, 30, "the broker is back")
        self.assertEqual(tenant.final(tenant.accept(target, {"a": 2}), limit=10)["status"], "Succeeded")
        self.assertEqual(receiver.count("/"), 2)

    def test_a_quarantine_without_a_database_is_told_when_it_is_back(self):
        folder = tempfile.mkdtemp(prefix="hooksentry-plugins.")
        self.addCleanup(shutil.rmtree, folder)
        build_attacks(folder)
        shipped = os.path.dirname(os.environ["HOOKSENTRY_BINARY"])
        server = Server({**self.environment, "HOOKSENTRY_PLUGIN_DIRS": f"{shipped}:{folder}",
                         "HOOKSENTRY_LIMITS_PLUGIN_CRASHES": "1"}, name="quarantine")
        self.addCleanup(server.close)
        server.start()
        tenant = Tenant(server.port)
        tenant.destination("http://127.0.0.1:9/", transformers=doing(""))
        services.command("stop", "postgres")
        child, = plugin_processes(server.process.pid)
        os.kill(child, signal.SIGKILL)
        quarantined = f'hooksentry_plugin_quarantined{{library="{LIBRARY}"}}'
        eventually(lambda: server.metrics()[quarantined] == 1, LIMIT_SECONDS, "it is in quarantine")
        services.command("start", "postgres")
        eventually(lambda: server.get("/health/ready")[0] == 200, LIMIT_SECONDS, "it is ready again")
        told, = eventually(lambda: tenant.call("GET", "/api/v1/notifications")["items"], LIMIT_SECONDS, "it is told")
        self.assertEqual((told["type"], told["count"]), ("plugin_quarantined", 1))
        # It had no call: nobody knows whose fault it was.
        self.assertIn(f"because {LIBRARY} was ended with SIGKILL", told["body"])

    def test_the_whole_process_killed_during_ingest(self):
        server = Server(self.environment)
        load = self.begin(server)
        server.kill()
        server.start()
        self.wait_for_more_accepted(load, 200)
        # What was cut off in the middle may or may not have been accepted; what was acknowledged must arrive.
        self.settle(load, duplicates_max=100)

    def test_rabbitmq_stopped_and_wiped_under_load(self):
        server = Server(self.environment)
        load = self.begin(server)
        services.command("wipe", "rabbitmq")
        self.wait_for_more_accepted(load, 300)
        services.command("start", "rabbitmq")
        self.wait_for_more_accepted(load, 200)
        self.settle(load, duplicates_max=100)
        self.assertEqual((len(load.refused), len(load.unknown)), (0, 0))

    def test_postgresql_stopped_for_ten_seconds_under_load(self):
        server = Server(self.environment)
        load = self.begin(server)
        services.command("stop", "postgres")
        # Ten seconds of refusals at the load's pace, each of them at once and with a hint.
        eventually(lambda: len(load.refused) >= 10 * RATE * 0.8, 60, lambda: f"{len(load.refused)} refused so far")
        services.command("start", "postgres")
        self.wait_for_more_accepted(load, 200)
        self.settle(load, duplicates_max=100)
        self.assertEqual({status for status, _ in load.refused.values()}, {503})
        self.assertTrue(all("Retry-After" in headers for headers in load.refusal_headers))
        seconds = sorted(seconds for _, seconds in load.refused.values())
        self.assertLess(seconds[len(seconds) // 2], 0.5)
        self.assertIsNone(server.process.poll())
