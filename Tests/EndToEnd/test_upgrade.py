"""Versions side by side: a database that is ahead of the program, and messages that nobody here can read."""
import unittest
import uuid

from support.client import Tenant
from support.conditions import eventually
from support.load import Load, Tally
from support.receiver import Receiver
from support.scene import migrate, shared_services
from support.server import Server, run_command

LIMIT_SECONDS = 60


class UpgradeTest(unittest.TestCase):
    def setUp(self):
        self.services = shared_services()
        self.name = f"test-{uuid.uuid4()}"
        self.environment = self.services.environment(self.name)
        migrate(self.environment)
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)

    def serve(self, roles=None, ready=True, **variables):
        server = Server({**self.environment, **variables}, roles=roles)
        self.addCleanup(server.close)
        return server.start(ready)

    def change_database(self, sql):
        self.services.command("psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", f'\\connect "{self.name}"', "-c", sql)

    def test_an_older_program_works_with_an_expanded_database(self):
        server = self.serve()
        tenant = Tenant(server.port)
        load = Load(tenant, tenant.destination(self.receiver.url("/"), serverRateLimit=20), 100).start()
        self.addCleanup(load.stop)
        eventually(lambda: load.sent() >= 50, LIMIT_SECONDS, "50 accepted")
        # What a later version's step may do under a running older one.
        self.change_database("""
            alter table events add column future text;
            alter table destinations add column future text not null default 'unknown';
            create index destinations_future on destinations (future);
            insert into schema_migrations (name, checksum) values ('9000_future', '')""")
        seen = load.sent()
        eventually(lambda: load.sent() >= seen + 100, LIMIT_SECONDS, "100 more accepted")
        # A node of the older version that is started again, or comes back after going back.
        other = self.serve()
        self.assertEqual(run_command(self.environment, "migrate")[0], 0)
        load.stop()
        eventually(lambda: load.accepted.keys() <= self.receiver.accepted("/").keys(), LIMIT_SECONDS,
                   lambda: f"everything delivered; {Tally(load, self.receiver.accepted('/'))}")
        tenant.final(tenant.accept(tenant.destination(self.receiver.url("/later")), {"a": 1}))
        self.assertEqual(str(Tally(load, self.receiver.accepted("/"))).split(", ", 2)[2].split(";")[0],
                         "duplicates 0, lost 0")
        self.assertEqual(other.stop(), 0)

        # What takes away says so, and is refused in a sentence.
        self.change_database(
            "insert into schema_migrations (name, checksum, excludes_older) values ('9001_contract', '', true)")
        late = self.serve(ready=False)
        self.assertEqual(late.process.wait(LIMIT_SECONDS), 1)
        self.assertIn("9001_contract", late.log())
        code, said = run_command(self.environment, "migrate")
        self.assertEqual(code, 1)
        self.assertIn("excludes programs that do not know it", said)

    def test_an_event_outlives_a_message_that_nobody_can_read(self):
        api = self.serve("api", HOOKSENTRY_LIMITS_HAND_OVER_GRACE_MS="2000")
        tenant = Tenant(api.port)
        event = tenant.accept(tenant.destination(self.receiver.url("/")), {"a": 1})
        eventually(lambda: api.metrics()["hooksentry_broker_confirmed_total"] == 1, LIMIT_SECONDS, "it is published")
        # The message is replaced by one of a version to come, alone and in a bundle.
        listed = self.services.command("rabbitmqctl", "-q", "list_queues", "-p", self.name, "name", "messages")
        queue = next(line.split()[0] for line in listed.splitlines() if line.endswith("\t1"))
        self.services.command("rabbitmqctl", "-q", "purge_queue", "-p", self.name, queue)
        shard = int(queue.rsplit(".", 1)[1])
        for body in ("9,1,2,3", "2,0,0,0,4,9,1,2,3"):
            self.services.command(
                "rabbitmqctl", "-q", "eval",
                f'rabbit_basic:publish(rabbit_misc:r(<<"{self.name}">>, exchange, <<"hooksentry.deliveries">>), '
                f'<<"{shard}">>, [{{delivery_mode, 2}}], <<{body}>>).')
        worker = self.serve("worker", HOOKSENTRY_LIMITS_HAND_OVER_GRACE_MS="2000")
        self.assertEqual(tenant.final(event, LIMIT_SECONDS)["status"], "Succeeded")
        eventually(lambda: worker.metrics()["hooksentry_broker_quarantined_total"] == 2, LIMIT_SECONDS,
                   "both are in quarantine")
        self.assertEqual(self.receiver.count("/"), 1)
