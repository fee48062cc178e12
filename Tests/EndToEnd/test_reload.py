"""Libraries replaced under a running host: nothing fails, and what is refused leaves the old version serving."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from support.client import send
from support.conditions import eventually
from support.load import Load
from support.scene import SceneTest, say
from support.server import run_command
from support.services import ROOT

#: NAME, VERSION and NEEDS come from the compiler's command line.
SOURCE = r"""
#include <hooksentry_plugin.h>
#include <string.h>

static int32_t create(const hks_host *host, hks_bytes settings, hks_instance **instance) {
    (void)settings;
    *instance = (hks_instance *)host;
    return HKS_OK;
}
static void destroy(hks_instance *instance) { (void)instance; }
static int32_t authenticate(hks_instance *instance, const hks_call *call, const hks_request *request,
                            const hks_authentication *authentication) {
    (void)instance, (void)call, (void)request;
    return authentication->set_header(authentication, HKS_TEXT("X-" NAME), HKS_TEXT(VERSION));
}
static const hks_authenticator_calls calls = {.struct_size = sizeof calls, .authenticate = authenticate};
static const hks_component stamp = {
    .struct_size = sizeof stamp, .name = HKS_TEXT_INIT(NAME), .version = HKS_TEXT_INIT(VERSION),
    .description = HKS_TEXT_INIT("Puts its version into a header."),
    .settings_schema = HKS_TEXT_INIT("{\"type\":\"object\",\"additionalProperties\":false,"
                                     "\"properties\":{\"" NEEDS "\":{\"type\":\"string\"}},"
                                     "\"required\":[" REQUIRED "]}"),
    .create = create, .destroy = destroy, .calls = &calls};
static const hks_component *const components[] = {&stamp};
static const hks_kind authenticators = {sizeof authenticators, 1, components};
static const hks_kind *get_kind(const char *id) {
    return strcmp(id, HKS_KIND_AUTHENTICATOR) == 0 ? &authenticators : NULL;
}
static const hks_entry entry = {HKS_MAGIC, sizeof entry, HKS_ABI_MAJOR, HKS_ABI_MINOR, get_kind};
const hks_entry *hks_plugin_entry(uint32_t host_abi_major) { return host_abi_major == HKS_ABI_MAJOR ? &entry : NULL; }
"""
RELOADS = 100


class ReloadTest(SceneTest):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="hooksentry-reload."))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.plugins = cls.folder / "plugins"
        cls.plugins.mkdir()
        for name in ("Inside", "Outside"):
            for version in ("1.0.0", "2.0.0"):
                cls.compile(name, version, cls.folder / f"{name}-{version}.so")
            cls.place(cls.folder / f"{name}-1.0.0.so", name)
        shipped = os.path.dirname(os.environ["HOOKSENTRY_BINARY"])
        cls.extra_environment = {"HOOKSENTRY_PLUGIN_DIRS": f"{shipped}:{cls.plugins}",
                                 "HOOKSENTRY_PLUGIN_ISOLATION_BY_LIBRARY": "libInside.so=in-process"}
        super().setUpClass()

    @staticmethod
    def compile(name, version, library, needs="note", required=""):
        subprocess.run(["cc", "-std=c11", "-Wall", "-fvisibility=hidden", "-fPIC", "-shared", "-x", "c", "-",
                        f'-DNAME="{name}"', f'-DVERSION="{version}"', f'-DNEEDS="{needs}"', f'-DREQUIRED="{required}"',
                        "-I", str(ROOT / "Sources/PluginAPI/include"), "-o", str(library)],
                       input=SOURCE, text=True, check=True)

    @classmethod
    def place(cls, source, name, in_place=False):
        """Replaces a library by renaming another over it, or by writing into the very file that is loaded."""
        target = cls.plugins / f"lib{name}.so"
        if in_place:
            target.write_bytes(source.read_bytes())
            return
        new = cls.folder / "new.so"
        shutil.copy(source, new)
        os.chmod(new, 0o644)
        os.replace(new, target)

    def reload(self):
        answer = send(self.server.port, "POST", "/api/v1/admin/plugins/reload", None,
                      {"X-Operator-Token": self.operator_token})
        self.assertEqual(answer.status, 200, answer.body)
        return json.loads(answer.body)

    def destination(self, name):
        return self.tenant.destination(self.receiver.url(f"{self.path()}/{name}"),
                                       authenticator={"plugin": name, "settings": {}}, serverRateLimit=20)

    def header(self, name):
        return [request.headers.get(f"x-{name.lower()}") for request in self.receiver.requests(f"{self.path()}/{name}")]

    def restore(self):
        for name in ("Inside", "Outside"):
            self.place(self.folder / f"{name}-1.0.0.so", name)
        self.reload()

    def test_a_hundred_reloads_under_load_fail_nothing(self):
        self.addCleanup(self.restore)
        loads = {name: Load(self.tenant, self.destination(name), rate=60, connections=2).start()
                 for name in ("Inside", "Outside")}
        for number in range(RELOADS):
            version = "2.0.0" if number % 2 == 0 else "1.0.0"
            for name in loads:
                self.place(self.folder / f"{name}-{version}.so", name, in_place=number % 4 < 2)
            report = self.reload()
            self.assertEqual(report["refused"], [])
            self.assertEqual(sorted(plugin["name"] for plugin in report["loaded"]), ["Inside", "Outside"])
        for load in loads.values():
            load.stop()
        eventually(lambda: self.tenant.unfinished() == 0, 60, "everything is settled")
        for name, load in loads.items():
            seen = self.header(name)
            self.assertEqual(len(seen), len(load.accepted), "one request for each event: none was tried again")
            self.assertEqual(set(seen), {"1.0.0", "2.0.0"})
            self.assertEqual((load.refused, load.unknown), ({}, set()))
        say(f"{RELOADS} reloads, {sum(len(load.accepted) for load in loads.values())} events, each sent once")

    def test_a_version_that_is_refused_leaves_the_old_one(self):
        self.addCleanup(self.restore)
        inside = self.destination("Inside")
        broken = self.folder / "broken.so"
        cases = [(lambda: self.compile("Inside", "3.0.0", broken, required=r'\"note\"'), "settings"),
                 (lambda: self.compile("Another", "3.0.0", broken), "no more"),
                 (lambda: broken.write_bytes(b"hks_plugin_entry, but no library"), "dynamic linker")]
        for make, reason in cases:
            make()
            self.place(broken, "Inside")
            report = self.reload()
            refused, = report["refused"]
            self.assertIn(reason, refused["reason"])
            self.assertIn("keeps serving", refused["reason"])
            self.assertEqual(self.tenant.final(self.tenant.accept(inside, {"a": 1}))["status"], "Succeeded")
        self.place(broken, "Inside")
        os.chmod(self.plugins / "libInside.so", 0o666)
        self.assertIn("writable by", self.reload()["refused"][0]["reason"])
        self.assertEqual(set(self.header("Inside")), {"1.0.0"})
        ready = self.server.get("/health/ready")
        self.assertEqual(ready[0], 200, ready[1])

    def test_a_directory_that_cannot_be_trusted_for_a_moment_keeps_what_was_loaded(self):
        inside, outside = self.destination("Inside"), self.destination("Outside")
        os.chmod(self.plugins, 0o777)
        self.addCleanup(os.chmod, self.plugins, 0o755)
        report = self.reload()
        self.assertEqual(report["removed"], [])
        refused, = report["refused"]
        self.assertIn("writable by", refused["reason"])
        self.assertIn("keeps serving", refused["reason"])
        for destination in (inside, outside):
            self.assertEqual(self.tenant.final(self.tenant.accept(destination, {"a": 1}))["status"], "Succeeded")

    def test_events_wait_without_attempts_for_a_library_that_was_removed(self):
        self.addCleanup(self.restore)
        inside = self.destination("Inside")
        self.tenant.final(self.tenant.accept(inside, {"a": 1}))
        (self.plugins / "libInside.so").unlink()
        self.assertEqual([plugin["name"] for plugin in self.reload()["removed"]], ["Inside"])
        event = self.tenant.accept(inside, {"a": 2})
        eventually(lambda: self.tenant.event(event)["nextAttemptAt"] is not None, 20, "the event waits for its plugin")
        self.assertEqual((self.tenant.event(event)["status"], self.tenant.attempts(event)), ("Pending", []))
        self.restore()
        self.assertEqual(self.tenant.final(event)["status"], "Succeeded")
        self.assertEqual(len(self.tenant.attempts(event)), 1)

    def test_the_command_and_the_signal_reload(self):
        self.addCleanup(self.restore)
        outside = self.destination("Outside")
        url = f"http://127.0.0.1:{self.server.port}"
        self.place(self.folder / "Outside-2.0.0.so", "Outside")
        code, said = run_command(self.server.environment, "plugin", "reload", "--url", url)
        self.assertEqual(code, 0, said)
        self.assertIn("Outside 2.0.0", said)
        self.tenant.final(self.tenant.accept(outside, {"a": 1}))
        self.assertEqual(self.header("Outside")[-1], "2.0.0")
        self.place(self.folder / "Outside-1.0.0.so", "Outside")
        self.server.process.send_signal(signal.SIGHUP)
        eventually(lambda: "plugins reloaded" in self.server.log(), 20, "the log tells of the reload")
        self.tenant.final(self.tenant.accept(outside, {"a": 2}))
        self.assertEqual(self.header("Outside")[-1], "1.0.0")

    def test_only_the_operator_may(self):
        for headers in ({}, {"X-Operator-Token": "wrong" * 8}, {"Authorization": f"Bearer {self.tenant.access_token}"}):
            for method, path in (("POST", "/api/v1/admin/plugins/reload"), ("GET", "/api/v1/admin/plugins")):
                answer = send(self.server.port, method, path, None, headers)
                self.assertEqual((answer.status, answer.body), (401, b""))
        code, said = run_command({**self.server.environment, "HOOKSENTRY_OPERATOR_TOKEN": "x" * 32}, "plugin", "reload",
                                 "--url", f"http://127.0.0.1:{self.server.port}")
        self.assertEqual(code, 1)
        self.assertIn("does not take this operator token", said)
        shown = send(self.server.port, "GET", "/api/v1/admin/plugins", None, {"X-Operator-Token": self.operator_token})
        self.assertIn("Outside", [plugin["name"] for plugin in json.loads(shown.body)["components"]])
        self.assertNotIn(self.operator_token, self.server.log())
