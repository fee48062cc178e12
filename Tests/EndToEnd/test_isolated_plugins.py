"""A third party's library that crashes, in a process of its own, under load: it pays, and nobody else."""
import json
import os
import pathlib
import shutil
import signal
import tempfile

from support.attacks import build_attacks, crashes, doing, plugin_processes
from support.client import Tenant, send
from support.conditions import eventually
from support.load import Load, Tally
from support.scene import SOON, SceneTest, say
from support.server import Server, run_command

LIMIT_SECONDS = 90


def is_alive(process):
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class IsolatedPluginTest(SceneTest):
    tenant_settings = {"maxTrys": 5, "circuitBreakerTimer": 1}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="hooksentry-plugins.")
        cls.addClassCleanup(shutil.rmtree, folder)
        build_attacks(folder)
        shipped = os.path.dirname(os.environ["HOOKSENTRY_BINARY"])
        cls.extra_environment = {
            "HOOKSENTRY_PLUGIN_DIRS": f"{shipped}:{folder}", "HOOKSENTRY_LIMITS_PLUGIN_CALL_MS": "2000",
            "HOOKSENTRY_LIMITS_PLUGIN_RESTART_MS": "50", "HOOKSENTRY_LIMITS_PLUGIN_CRASHES": "3",
            "HOOKSENTRY_LIMITS_PLUGIN_QUARANTINE_S": "1"}
        super().setUpClass()

    def settle(self, load, path):
        load.join()
        eventually(lambda: load.accepted.keys() <= self.receiver.accepted(path).keys(), LIMIT_SECONDS,
                   lambda: f"everything delivered; {Tally(load, self.receiver.accepted(path))}")
        tally = Tally(load, self.receiver.accepted(path))
        say(f"{self.id().rsplit('.', 1)[-1]}: {tally}")
        self.assertEqual((tally.lost, tally.duplicates), (0, 0))

    def test_every_tenth_call_costs_one_attempt(self):
        target = self.tenant.destination(
            self.receiver.url("/tenth"), transformers=doing("tenth"), retryPolicy=SOON)
        beside = self.tenant.destination(self.receiver.url("/beside"))
        before = crashes(self.server)
        load = Load(self.tenant, target, rate=40, total=45).start()
        neighbour = Load(self.tenant, beside, rate=40, total=45).start()
        self.settle(load, "/tenth")
        self.settle(neighbour, "/beside")
        for event in neighbour.accepted.values():
            self.assertEqual(self.tenant.final(event)["status"], "Succeeded")
            self.assertEqual(len(self.tenant.attempts(event)), 1)
        failed = []
        for event in load.accepted.values():
            self.assertEqual(self.tenant.final(event)["status"], "Succeeded")
            failed += [attempt for attempt in self.tenant.attempts(event) if attempt["outcome"] == "plugin"]
        self.assertEqual(len(failed), crashes(self.server) - before)
        # Each process lives for nine calls and dies of the tenth.
        self.assertEqual(len(failed), (45 + len(failed)) // 10)
        for attempt in failed:
            self.assertEqual(attempt["error"], "Fault.attacks: Fault.attacks crashed with SIGSEGV")

    def test_a_killed_process_loses_nothing(self):
        target = self.tenant.destination(self.receiver.url("/killed"), transformers=doing(""), retryPolicy=SOON)
        load = Load(self.tenant, target, rate=60, total=180).start()
        for share in (30, 80, 130):
            eventually(lambda: load.sent() >= share, LIMIT_SECONDS, f"{share} events are accepted")
            child, = eventually(lambda: plugin_processes(self.server.process.pid), LIMIT_SECONDS, "it runs")
            os.kill(child, signal.SIGKILL)
            eventually(lambda: not is_alive(child), LIMIT_SECONDS, "it is dead")
        self.settle(load, "/killed")

    def test_quarantine_keeps_events_and_ends(self):
        target = self.tenant.destination(
            self.receiver.url("/wedged"), transformers=doing("null in attempt one"), retryPolicy=SOON)
        beside = self.tenant.destination(self.receiver.url("/beside-wedged"))
        events = [self.tenant.accept(target, {"seq": number}) for number in range(4)]
        quarantined = 'hooksentry_plugin_quarantined{library="libAttacks.so"}'
        eventually(lambda: self.server.metrics().get(quarantined) == 1, LIMIT_SECONDS, "it is in quarantine")
        status, said = self.server.get("/health/ready")
        self.assertEqual(status, 200)
        self.assertIn("libAttacks.so", said)
        self.assertIn("in quarantine: Fault.attacks crashed with SIGSEGV", said)
        self.assertEqual(self.tenant.final(self.tenant.accept(beside, {"seq": 1}))["status"], "Succeeded")
        for event in events:
            self.assertEqual(self.tenant.final(event, LIMIT_SECONDS)["status"], "Succeeded")
            self.assertEqual([attempt["outcome"] for attempt in self.tenant.attempts(event)],
                             ["plugin", "succeeded"])
        eventually(lambda: "libAttacks.so" not in self.server.get("/health/ready")[1], LIMIT_SECONDS, "it is out")

    def notifications(self, tenant, kind):
        items = tenant.call("GET", "/api/v1/notifications?Qt=100&Pg=1")["items"]
        return [item for item in items if item["type"] == kind]

    def library(self):
        """What the operator is shown of it."""
        answer = send(self.server.port, "GET", "/api/v1/admin/plugins", None, {"X-Operator-Token": self.operator_token})
        self.assertEqual(answer.status, 200, answer.body)
        found, = [library for library in json.loads(answer.body)["libraries"]
                  if library["path"].endswith("libAttacks.so")]
        return found

    def list_running(self):
        return run_command(self.server.environment, "plugin", "list", "--running")

    def test_its_users_are_told_and_the_operator_sees_it(self):
        user, neighbour = Tenant(self.server.port, **self.tenant_settings), Tenant(self.server.port)
        target = user.destination(
            self.receiver.url("/told"), transformers=doing("null in attempt one"), retryPolicy=SOON)
        good = user.destination(self.receiver.url("/good"), transformers=doing(""))
        neighbour.destination(self.receiver.url("/untold"))
        before = self.library()["restarts"]
        events = [user.accept(target, {"seq": number}) for number in range(3)]

        def quarantined():
            library = self.library()
            return library if library["state"] == "quarantined" else None
        seen = eventually(quarantined, LIMIT_SECONDS, lambda: f"the operator sees it: {self.library()}")
        code, said = self.list_running()
        self.assertEqual(seen["reason"], "Fault.attacks crashed with SIGSEGV")
        self.assertEqual((seen["isolation"], seen["refusal"]), ("process", None))
        self.assertIsNotNone(seen["until"])
        self.assertEqual([component["name"] for component in seen["components"]], ["Fault.attacks"])
        self.assertGreaterEqual(seen["restarts"], before + 2)
        self.assertEqual(code, 1, said)
        self.assertRegex(said, r"(?m)^Fault\.attacks .* own process  (quarantined until|restarting|serving, )")

        told, = eventually(lambda: self.notifications(user, "plugin_quarantined"), LIMIT_SECONDS, "the user is told")
        self.assertIn("Fault.attacks", told["title"])
        self.assertIn("because Fault.attacks crashed with SIGSEGV again and again", told["body"])
        self.assertIn("Events that need it wait", told["body"])

        # It answers again, and they hear of that, too.
        events += [user.accept(good, {"seq": number}) for number in range(6)]
        for event in events:
            self.assertEqual(user.final(event, LIMIT_SECONDS)["status"], "Succeeded")
        back, = eventually(lambda: self.notifications(user, "plugin_recovered"), LIMIT_SECONDS, "it is back")
        self.assertEqual(back["count"], 1)
        # One for each time it was put into quarantine, however many calls met it there.
        log = self.server.log()
        told, = self.notifications(user, "plugin_quarantined")
        self.assertEqual(self.library()["state"], "serving")
        self.assertEqual(self.list_running()[0], 0)
        self.assertLessEqual(told["count"], log.count("again and is in quarantine"))
        for kind in ("plugin_quarantined", "plugin_recovered"):
            self.assertEqual(self.notifications(neighbour, kind), [])


class HangingPluginTest(SceneTest):
    """In the host, where nothing can end a call: whoever asks for one is answered all the same."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="hooksentry-plugins.")
        cls.addClassCleanup(shutil.rmtree, folder)
        build_attacks(folder)
        shipped = os.path.dirname(os.environ["HOOKSENTRY_BINARY"])
        cls.extra_environment = {
            "HOOKSENTRY_PLUGIN_DIRS": f"{shipped}:{folder}", "HOOKSENTRY_LIMITS_PLUGIN_CALL_MS": "300",
            "HOOKSENTRY_LIMITS_PLUGIN_CREATE_MS": "300",
            "HOOKSENTRY_PLUGIN_ISOLATION_BY_LIBRARY": "libAttacks.so=in-process"}
        super().setUpClass()

    def test_a_hanging_preview_is_answered(self):
        for sentence in ("did not return", "out of service"):
            answer = self.tenant.call("POST", "/api/v1/plugins/transformers/Fault.attacks/preview", 200,
                                      {"settings": {"note": "wait"}, "payload": {}})
            self.assertIsNone(answer["result"])
            self.assertEqual((answer["error"]["cause"], answer["error"]["in"]), ("overrun", "payload"))
            self.assertIn("Fault.attacks", answer["error"]["message"])
            self.assertIn(sentence, answer["error"]["message"])
        said = self.tenant.call("POST", "/api/v1/plugins/transformers/Redact/preview", 200,
                                {"settings": {"paths": ["/a"]}, "payload": {"a": 1}})
        self.assertNotEqual(said["error"] and said["error"]["cause"], "overrun")

    def test_a_hanging_check_of_settings_is_answered(self):
        def create(note):
            return self.tenant.call("POST", "/api/v1/destinations", 503, {
                "url": self.receiver.url("/hanging"), "transformers": doing(note)})
        for note in ("wait in create", ""):
            self.assertIn("the transformer Fault.attacks did not come back", create(note))
        # The API's threads are free, and other destinations are made and served.
        target = self.tenant.destination(self.receiver.url("/not-hanging"))
        self.assertEqual(self.tenant.final(self.tenant.accept(target, {"seq": 1}))["status"], "Succeeded")


class HostDeathTest(SceneTest):
    def test_its_children_end_with_the_host(self):
        folder = tempfile.mkdtemp(prefix="hooksentry-plugins.")
        self.addCleanup(shutil.rmtree, folder)
        build_attacks(folder)
        environment = {**self.server.environment, "HOOKSENTRY_PLUGIN_DIRS": folder}
        for end in (Server.kill, Server.stop):
            server = Server(environment, name="ending")
            self.addCleanup(server.close)
            server.start()
            child, = plugin_processes(server.process.pid)
            end(server)
            eventually(lambda: not is_alive(child), LIMIT_SECONDS, f"{child} has ended with its host")
