"""Every code example of the reference page does what its operation promises, as it stands there.

Node.js, Python and Go programs run against a real server. Those in C# are made by the same code; what they look like
is checked by the tests of the management API.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import tempfile

from support.client import send
from support.examples import LANGUAGES, Things, filled, operations
from support.receiver import always
from support.scene import SceneTest, say

#: Seconds for one program.
LIMIT = 60


class ExamplesTest(SceneTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.document = json.loads(send(cls.server.port, "GET", "/openapi.json").body)
        cls.operations = operations(cls.document)
        cls.base_url = f"http://127.0.0.1:{cls.server.port}"
        cls.things = Things(
            cls.tenant, cls.receiver.url("/examples"), cls.receiver.on("/refusing", always(401)),
            cls.operator_token)
        folder = tempfile.TemporaryDirectory(prefix="hooksentry-examples.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)

    def test_every_operation_has_an_example_in_every_language(self):
        for operation in self.operations:
            with self.subTest(operation.name):
                self.assertEqual(tuple(operation.programs), LANGUAGES)
                for name, example in operation.path_examples.items():
                    self.assertIn(
                        example, self.things.makers,
                        f"{operation.name} has the example {example} for {{{name}}}: say in "
                        "Tests/EndToEnd/support/examples.py how to make a real one, or use one that is there")

    def test_python(self):
        self.run_all("Python", lambda operation, program: ["bash", "-c", self.in_shell("Python", program)])

    def test_node(self):
        self.run_all("JavaScript", lambda operation, program: ["bash", "-c", self.in_shell("JavaScript", program)])

    def test_go(self):
        """All programs as packages of one, since linking each by itself takes a second."""
        programs = self.fill_all("Go")
        imports, cases = [], []
        for operation in self.operations:
            source = programs[operation.id].replace("package main", "package example", 1)
            package = self.folder / "go" / operation.id
            package.mkdir(parents=True)
            (package / "example.go").write_text(source.replace("func main()", "func Run()", 1) + "\n")
            imports.append(f'\t{operation.id} "examples/{operation.id}"')
            cases.append(f'\tcase "{operation.id}":\n\t\t{operation.id}.Run()')
        (self.folder / "go" / "go.mod").write_text("module examples\n")
        (self.folder / "go" / "main.go").write_text("\n".join([
            "package main", "import (", '\t"os"', *imports, ")", "func main() {", "\tswitch os.Args[1] {", *cases,
            "\t}", "}", ""]))
        self.check_format(self.folder / "go")
        binary = str(self.folder / "go" / "examples")
        self.run_to_end(["go", "build", "-o", binary, "."], cwd=self.folder / "go")
        self.run_all("Go", lambda operation, program: [binary, operation.id], programs)

    def test_go_pasted_into_a_shell(self):
        operation = next(operation for operation in self.operations if operation.id == "createDestination")
        program = self.fill(operation, "Go")
        self.check(operation, ["bash", "-c", self.in_shell("Go", program)])

    def check_format(self, folder):
        listed = self.run_to_end(["gofmt", "-l", *(str(path) for path in folder.glob("*/*.go"))])
        self.assertEqual(listed, "", "gofmt would write these examples differently")

    def in_shell(self, language, program):
        shell = self.document["x-samples"]["shell"][language]
        return shell["before"] + program + shell["after"]

    def fill(self, operation, language):
        program = operation.programs[language]
        return filled(program, self.things.values(operation, program, self.base_url))

    def fill_all(self, language):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            programs = pool.map(lambda operation: self.fill(operation, language), self.operations)
            return {operation.id: program for operation, program in zip(self.operations, programs)}

    def run_all(self, language, command, programs=None):
        programs = programs or self.fill_all(language)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            runs = [pool.submit(self.check, operation, command(operation, programs[operation.id]))
                    for operation in self.operations]
        for operation, run in zip(self.operations, runs):
            with self.subTest(f"{operation.name} in {language}"):
                run.result()
        say(f"{len(runs)} examples in {language}")

    def check(self, operation, command):
        """The first line is a documented success, the rest is the body that goes with it."""
        if operation.is_endless:
            first, body = self.first_line(command), None
        else:
            first, _, body = self.run_to_end(command).partition("\n")
        self.assertRegex(first, r"^\d{3}$")
        self.assertIn(int(first), operation.successes, f"{operation.name} said {first}: {body}")
        content = operation.successes[int(first)].get("content", {})
        if body is not None and "application/json" in content:
            json.loads(body)
        elif not content:
            self.assertEqual(body.strip(), "")

    def first_line(self, command):
        """Of a program that would go on for ever."""
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                              start_new_session=True) as process:
            try:
                return process.stdout.readline().strip()
            finally:
                os.killpg(process.pid, 9)

    def run_to_end(self, command, **options):
        environment = {**os.environ, "GOFLAGS": "-mod=mod", "GOPROXY": "off", "NO_COLOR": "1"}
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, timeout=LIMIT, env=environment, **options)
        self.assertEqual(result.returncode, 0, f"{command}\n{result.stdout}\n{result.stderr}")
        return result.stdout
