"""A plugin nobody shipped: the one from the README, built with the public header and cc, dropped into a folder."""
import json
import os
import re
import shutil
import subprocess
import tempfile

from support.conditions import eventually
from support.scene import SceneTest
from support.server import run_command
from support.services import ROOT


def build_readme_plugin(folder):
    snippet = re.search(r"```c\n(.*?)```", (ROOT / "README.md").read_text(), re.S).group(1)
    source = os.path.join(folder, "plugin.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write(snippet)
    library = os.path.join(folder, "libPartnerStamp.so")
    subprocess.run(["cc", "-std=c11", "-fvisibility=hidden", "-fPIC", "-shared",
                    "-I", str(ROOT / "Sources/PluginAPI/include"), "-o", library, source], check=True)
    os.chmod(library, 0o644)
    return library


class OwnPluginTest(SceneTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="hooksentry-plugins.")
        cls.addClassCleanup(shutil.rmtree, folder)
        cls.library = build_readme_plugin(folder)
        shipped = os.path.dirname(os.environ["HOOKSENTRY_BINARY"])
        cls.extra_environment = {"HOOKSENTRY_PLUGIN_DIRS": f"{shipped}:{folder}"}
        super().setUpClass()

    def test_it_authenticates_a_delivery(self):
        destination = self.tenant.destination(self.receiver.url(self.path()), authenticator={
            "plugin": "PartnerStamp", "settings": {}})
        event = self.tenant.final(self.tenant.accept(destination, {"a": 1}))
        self.assertEqual(event["status"], "Succeeded", self.tenant.attempts(event["id"]))
        request, = self.receiver.requests(self.path())
        self.assertEqual(request.headers["x-partner-stamp"], event["id"])

    def test_settings_that_break_its_schema_are_refused(self):
        answer = self.tenant.call("POST", "/api/v1/destinations", 400, {
            "url": self.receiver.url(self.path()),
            "authenticator": {"plugin": "PartnerStamp", "settings": {"unknown": True}}})
        self.assertIsInstance(answer, str)

    def test_an_unknown_plugin_is_refused(self):
        answer = self.tenant.call("POST", "/api/v1/destinations", 400, {
            "url": self.receiver.url(self.path()), "authenticator": {"plugin": "Nobody", "settings": {}}})
        self.assertIn("Nobody", json.dumps(answer))

    def test_the_list_names_it_and_the_shipped_ones(self):
        code, said = run_command(self.server.environment, "plugin", "list")
        self.assertEqual(code, 0, said)
        for name in ["ApiKey", "BearerToken", "BasicAuth", "JwtBearer", "OAuth2", "SignedJwt", "Hmac", "AwsSigV4",
                     "HttpSignature", "Template", "JsonPatch", "Redact", "Mapping", "Schedule", "Exponential",
                     "Fixed", "PartnerStamp"]:
            self.assertIn(name, said)

    def test_it_passes_the_check(self):
        code, said = run_command(self.server.environment, "plugin", "check", self.library)
        self.assertEqual(code, 0, said)


class HangingPluginTest(SceneTest):
    """In the host itself, a call that never returns costs its event one attempt, and nobody else more than a moment."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="hooksentry-plugins.")
        cls.addClassCleanup(shutil.rmtree, folder)
        library = os.path.join(folder, "libHangs.so")
        subprocess.run(["cc", "-std=c11", "-w", "-fvisibility=hidden", "-fPIC", "-shared",
                        "-I", str(ROOT / "Sources/PluginAPI/include"), "-o", library,
                        str(ROOT / "Tests/FaultPlugins/hangs/plugin.c")], check=True)
        os.chmod(library, 0o644)
        shipped = os.path.dirname(os.environ["HOOKSENTRY_BINARY"])
        cls.extra_environment = {"HOOKSENTRY_PLUGIN_DIRS": f"{shipped}:{folder}",
                                 "HOOKSENTRY_PLUGIN_ISOLATION_BY_LIBRARY": "libHangs.so=in-process"}
        super().setUpClass()

    def same_lane(self, other, name):
        """A destination that the same lane serves: two lanes share them by the lowest bit of the id."""
        while True:
            made = self.tenant.destination(self.receiver.url(name))
            if int(made["id"][-1], 16) % 2 == int(other["id"][-1], 16) % 2:
                return made

    def test_the_lane_goes_on_without_it(self):
        hanging = self.tenant.destination(self.receiver.url("/never"), transformers=[
            {"plugin": "Fault.hangs", "settings": {}}])
        neighbour = self.same_lane(hanging, self.path())
        stuck = self.tenant.accept(hanging, {"a": 1})
        eventually(lambda: self.tenant.event(stuck)["status"] != "Pending", 20, "the stuck call has begun or failed")
        behind = [self.tenant.accept(neighbour, {"number": number}) for number in range(20)]
        for event in behind:
            self.assertEqual(self.tenant.final(event)["status"], "Succeeded")
        eventually(lambda: len(self.tenant.attempts(stuck)) == 1, 20, "the stuck attempt is recorded")
        attempt, = self.tenant.attempts(stuck)
        self.assertEqual(attempt["outcome"], "plugin")
        self.assertIn("did not return", attempt["error"])
        self.assertEqual(self.receiver.count("/never"), 0)
        # The next event fails at once instead of taking the lane down again.
        second = self.tenant.accept(hanging, {"a": 2})
        eventually(lambda: len(self.tenant.attempts(second)) == 1, 5, "the second attempt failed at once")
