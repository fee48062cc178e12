"""PostgreSQL's primary killed under load, its synchronous standby promoted, the former primary back again."""
import threading
import unittest

from support.client import Tenant
from support.conditions import eventually
from support.load import Load, Tally
from support.receiver import Receiver
from support.scene import migrate, say
from support.server import Server
from support.services import Services

LIMIT_SECONDS = 120
RATE = 100

services = None


def setUpModule():
    global services
    services = Services.private(HOOKSENTRY_POSTGRES_STANDBY="yes")
    unittest.addModuleCleanup(services.close)


class StoreFailoverTest(unittest.TestCase):
    def wait_for_more_accepted(self, load, count):
        goal = load.sent() + count
        eventually(lambda: load.sent() >= goal, LIMIT_SECONDS, lambda: f"{goal} accepted; so far {load.sent()}")

    def connections(self, client):
        """Purposes of our connections at a server, with their number."""
        listed = services.command(
            client, "-XAtc", "select application_name, count(*) from pg_stat_activity "
            "where application_name like 'hooksentry %' group by 1 order by 1")
        return dict(line.split("|") for line in listed.splitlines())

    def test_the_primary_dies_under_load(self):
        environment = services.default_environment()
        migrate(environment)
        nodes = [Server(environment, name="whole"), Server(environment, roles="worker", name="worker")]
        for node in nodes:
            self.addCleanup(node.close)
            node.start()
        receiver = Receiver()
        self.addCleanup(receiver.close)
        tenant = Tenant(nodes[0].port, maxTrys=5, circuitBreakerTimer=1)
        target = tenant.destination(receiver.url("/"), serverRateLimit=20)
        load = Load(tenant, target, RATE).start()
        self.addCleanup(load.stop)
        self.wait_for_more_accepted(load, 200)

        services.command("stop", "postgres", "--now")
        services.command("promote")
        self.wait_for_more_accepted(load, 200)
        # It comes back as what it was, first in the list, and takes writes.
        services.command("start", "postgres")
        # New connections are made while both answer: libpq would take the first.
        services.command("psql-standby", "-XAtc", "select count(pg_terminate_backend(pid)) from pg_stat_activity "
                         "where application_name like 'hooksentry %'")
        self.wait_for_more_accepted(load, 200)
        eventually(lambda: self.connections("psql-standby").get("hooksentry changes") == "2", LIMIT_SECONDS,
                   lambda: f"both nodes listen to the new primary: {self.connections('psql-standby')}")
        self.assertEqual(self.connections("psql"), {})

        load.stop()
        eventually(lambda: load.accepted.keys() <= receiver.accepted("/").keys(), LIMIT_SECONDS,
                   lambda: f"everything delivered; {Tally(load, receiver.accepted('/'))}")
        eventually(lambda: tenant.unfinished() == 0, LIMIT_SECONDS, lambda: f"{tenant.unfinished()} are not settled")
        tally = Tally(load, receiver.accepted("/"))
        say(f"the primary dies under load: {tally}")
        self.assertEqual(tally.lost, 0)
        self.assertLessEqual(tally.duplicates, 100)
        self.assertLessEqual({status for status, _ in load.refused.values()}, {503})
        self.assertTrue(all(node.process.poll() is None for node in nodes))
        self.refuse_what_no_standby_has(tenant, target)

    def refuse_what_no_standby_has(self, tenant, target):
        """Whoever ends a commit's wait for the standby does not make it a promise."""
        def on_the_primary(sql):
            return services.command("psql-standby", "-XAtqc", sql).strip()
        on_the_primary("alter system set synchronous_standby_names = 'nobody'")
        on_the_primary("select pg_reload_conf()")
        answers = []
        post = threading.Thread(target=lambda: answers.append(tenant.ingest(target, {"a": 1}).status))
        post.start()
        eventually(
            lambda: on_the_primary("select count(pg_cancel_backend(pid)) from pg_stat_activity where "
                                   "wait_event = 'SyncRep' and application_name = 'hooksentry accept'") == "1",
            LIMIT_SECONDS, "the commit waits for a standby")
        post.join(LIMIT_SECONDS)
        self.assertEqual(answers, [503])
        on_the_primary("alter system reset synchronous_standby_names")
        on_the_primary("select pg_reload_conf()")
