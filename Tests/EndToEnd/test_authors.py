"""What authors of plugins are given: an installation, projects in five languages, the way to a first delivery."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from support.scene import SceneTest
from support.services import ROOT

KINDS = ("authenticator", "transformer", "retry-policy")
TOOLCHAINS = ROOT / ".build" / "toolchains"


def run(command, folder=None, environment=None):
    done = subprocess.run(command, cwd=folder, env={**os.environ, **(environment or {})}, text=True, timeout=300,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def zig():
    """The command that runs Zig, or None."""
    if shutil.which("zig"):
        return "zig"
    python = TOOLCHAINS / "zig" / "bin" / "python"
    if python.exists():
        return f"{python} -m ziglang"
    found = subprocess.run([sys.executable, "-m", "ziglang", "version"], capture_output=True, check=False)
    return f"{sys.executable} -m ziglang" if found.returncode == 0 else None


class AuthorsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="hooksentry-authors.")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.prefix = os.path.join(cls.folder, "prefix")
        code, said = run(["make", "install"], ROOT, {"PREFIX": cls.prefix, "CONFIGURATION": "debug"})
        assert code == 0, said
        cls.environment = {
            "PATH": f"{cls.prefix}/bin:{os.environ['PATH']}", "PKG_CONFIG_PATH": f"{cls.prefix}/lib/pkgconfig",
            # The kit for Swift is compiled once for all three.
            "KIT_BUILD": os.path.join(cls.folder, "kit")}

    def project(self, language, kind, name=None):
        name = name or f"My{language}{kind}".replace("-", "")
        code, said = run(["hooksentry", "plugin", "new", name, "--kind", kind, "--lang", language,
                          "--into", self.folder], environment=self.environment)
        self.assertEqual(code, 0, said)
        return os.path.join(self.folder, name)

    def check(self, language, *settings):
        for kind in KINDS:
            with self.subTest(kind=kind):
                folder = self.project(language, kind)
                code, said = run(["make", "test", "CHECK_FLAGS=--seconds 0", *settings], folder, self.environment)
                self.assertEqual(code, 0, said)
                self.assertRegex(said, r"passed: \d+ checks")
                self.assertNotRegex(said, r"warning[:\[]")
                readme = open(os.path.join(folder, "README.md"), encoding="utf-8").read()
                self.assertNotRegex(readme, r"Template[A-Z]")

    def test_c(self):
        self.check("c", "CFLAGS=-O1 -Werror")

    def test_cpp(self):
        self.check("cpp", "CXXFLAGS=-O1 -Werror")

    def test_swift(self):
        self.check("swift", "SWIFTFLAGS=-Onone")

    def test_rust(self):
        if not shutil.which("rustc"):
            self.skipTest("rustc is not there: apt-get install rustc")
        self.check("rust", "RUSTFLAGS=-D warnings")

    def test_zig(self):
        command = zig()
        if not command:
            self.skipTest("Zig is not there: scripts/install-toolchains puts it into .build/toolchains")
        self.check("zig", f"ZIG={command}", "ZIGFLAGS=-O Debug")

    def test_a_tree_that_is_not_installed_will_do(self):
        folder = self.project("c", "transformer", "Uninstalled")
        code, said = run(["make", "test", f"HOOKSENTRY_TREE={ROOT}", "CHECK_FLAGS=--seconds 0",
                          f"HOOKSENTRY={os.environ['HOOKSENTRY_BINARY']}"], folder, {"PKG_CONFIG_PATH": "/nowhere"})
        self.assertEqual(code, 0, said)

    def test_the_installation_finds_shipped_plugins_and_installed_ones(self):
        folder = self.project("c", "retry-policy", "Patient")
        code, said = run(["make", "install"], folder, self.environment)
        self.assertEqual(code, 0, said)
        code, said = run(["hooksentry", "plugin", "list"], environment={
            **self.environment, "HOOKSENTRY_DATABASE_URL": "", "HOOKSENTRY_PLUGIN_DIRS": ""})
        self.assertEqual(code, 0, said)
        for name in ["Mapping", "BasicAuth", "Exponential"]:
            self.assertRegex(said, rf"(?m)^\S*\s*{name}\s|{name} ")
        patient = next(line for line in said.splitlines() if "Patient" in line)
        self.assertIn("own process", patient)
        self.assertNotIn("TemplateC", said)

    def test_a_stage_for_packages_has_the_same_files(self):
        stage = os.path.join(self.folder, "stage")
        code, said = run(["make", "install"], ROOT, {"DESTDIR": stage, "PREFIX": "/usr", "CONFIGURATION": "debug"})
        self.assertEqual(code, 0, said)

        def files(root):
            return sorted(os.path.relpath(os.path.join(folder, name), root)
                          for folder, _, names in os.walk(root) for name in names if "Patient" not in name)
        self.assertEqual(files(stage + "/usr"), files(self.prefix))
        text = open(f"{stage}/usr/lib/pkgconfig/hooksentry-plugin.pc", encoding="utf-8").read()
        self.assertIn("prefix=/usr\n", text)

    def test_what_cannot_be_made_is_refused_with_a_sentence(self):
        for arguments, sentence in [
                ([], "name the plugin"), (["9lives"], "a letter, then letters and digits"),
                (["../x"], "a letter, then letters and digits"),
                (["X", "--kind", "sender"], "--kind must be one of authenticator, transformer, retry-policy"),
                (["X", "--kind", "transformer", "--lang", "cobol"], "--lang must be one of c, cpp, swift, rust, zig")]:
            code, said = run(["hooksentry", "plugin", "new", *arguments], environment=self.environment)
            self.assertEqual(code, 2, said)
            self.assertIn(sentence, said)
        folder = self.project("c", "transformer", "Twice")
        code, said = run(["hooksentry", "plugin", "new", "Twice", "--kind", "transformer", "--lang", "c",
                          "--into", os.path.dirname(folder)], environment=self.environment)
        self.assertEqual(code, 1)
        self.assertIn("File exists", said)


class FirstPluginTest(SceneTest):
    """docs/plugins/first-plugin.md, as a machine follows it."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="hooksentry-first.")
        cls.addClassCleanup(shutil.rmtree, folder)
        binary = os.environ["HOOKSENTRY_BINARY"]
        code, said = run([binary, "plugin", "new", "--kind", "authenticator", "--lang", "c", "OrderStamp",
                          "--into", folder])
        assert code == 0, said
        project = os.path.join(folder, "OrderStamp")
        source = os.path.join(project, "plugin.c")
        text = open(source, encoding="utf-8").read()
        changed = text.replace('HKS_TEXT("X-Event-Id")', 'HKS_TEXT("X-Order-Stamp")')
        assert changed != text
        with open(source, "w", encoding="utf-8") as file:
            file.write(changed)
        code, said = run(["make", "test", f"HOOKSENTRY_TREE={ROOT}", f"HOOKSENTRY={binary}"], project)
        assert code == 0, said
        cls.extra_environment = {"HOOKSENTRY_PLUGIN_DIRS": f"{os.path.dirname(binary)}:{project}"}
        super().setUpClass()

    def test_an_event_arrives_with_the_header(self):
        listed = self.tenant.call("GET", "/api/v1/plugins", 200)
        mine = next(item for item in listed["items"] if item["name"] == "OrderStamp")
        self.assertEqual(mine["kind"], "authenticator")
        self.assertNotIn("library", mine)
        destination = self.tenant.destination(self.receiver.url(self.path()), authenticator={
            "plugin": "OrderStamp", "settings": {}})
        event = self.tenant.final(self.tenant.accept(destination, {"a": 1}))
        self.assertEqual(event["status"], "Succeeded", self.tenant.attempts(event["id"]))
        request, = self.receiver.requests(self.path())
        self.assertEqual(request.headers["x-order-stamp"], event["id"])

    def test_a_setting_that_breaks_the_schema_is_named(self):
        for settings, sentence in [
                ({"headerName": "not a token"}, "headerName must match"),
                ({"headerName": 7}, "headerName must be a text"),
                ({"other": 1}, "other is not a setting")]:
            answer = self.tenant.call("POST", "/api/v1/destinations", 400, {
                "url": self.receiver.url(self.path()),
                "authenticator": {"plugin": "OrderStamp", "settings": settings}})
            self.assertIn("authenticator.settings", answer)
            self.assertIn(sentence, answer)

    def test_a_policy_can_be_simulated(self):
        body = {"settings": {"delaySeconds": 30}, "attempts": 3, "failures": [{"httpStatus": 503}]}
        answer = self.tenant.call("POST", "/api/v1/plugins/Fixed/simulate", 200, body)
        self.assertEqual([step["delayMs"] for step in answer["steps"]], [30_000, 30_000, None])
        self.assertEqual(answer, self.tenant.call("POST", "/api/v1/plugins/Fixed/simulate", 200, body))
        code, said = run([os.environ["HOOKSENTRY_BINARY"], "plugin", "simulate", "Fixed", "--settings",
                          '{"delaySeconds": 30}', "--attempts", "3", "--failures", "timeout,429:60"])
        self.assertEqual(code, 0, said)
        self.assertEqual(re.findall(r"again after (\S+)", said), ["0:00:30.000", "0:01:00.000"])
