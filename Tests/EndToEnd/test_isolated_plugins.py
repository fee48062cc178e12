"""A third party's library that crashes, in a process of its own, under load: it pays, and nobody else."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from support.conditions import eventually
from support.load import Load, Tally
from support.scene import SOON, SceneTest, say
from support.server import Server
from support.services import ROOT

LIMIT_SECONDS = 90


def build_attacks(folder):
    library = os.path.join(folder, "libAttacks.so")
    subprocess.run(["cc", "-std=c11", "-w", "-fvisibility=hidden", "-fPIC", "-shared",
                    "-I", str(ROOT / "Sources/PluginAPI/include"), "-o", library,
                    str(ROOT / "Tests/FaultPlugins/attacks/plugin.c")], check=True)
    os.chmod(library, 0o644)


def doing(note):
    return [{"plugin": "Fault.attacks", "settings": {"note": note} if note else {}}]


def plugin_processes(server):
    """The children that hold the attacking library."""
    found = []
    for children in pathlib.Path(f"/proc/{server}/task").glob("*/children"):
        for child in children.read_text().split():
            words = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if b"plugin-host" in words:
                found.append(int(child))
    return found


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

    def crashes(self, signal_name="SIGSEGV"):
        name = f'hooksentry_plugin_process_ends_total{{library="libAttacks.so",reason="{signal_name}"}}'
        return self.server.metrics().get(name, 0)

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
        before = self.crashes()
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
        self.assertEqual(len(failed), self.crashes() - before)
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
        self.assertIn("in quarantine: it crashed with SIGSEGV", said)
        self.assertEqual(self.tenant.final(self.tenant.accept(beside, {"seq": 1}))["status"], "Succeeded")
        for event in events:
            self.assertEqual(self.tenant.final(event, LIMIT_SECONDS)["status"], "Succeeded")
            self.assertEqual([attempt["outcome"] for attempt in self.tenant.attempts(event)],
                             ["plugin", "succeeded"])
        eventually(lambda: "libAttacks.so" not in self.server.get("/health/ready")[1], LIMIT_SECONDS, "it is out")


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
