"""The document and the server say the same, whatever is sent.

CONTRACT_SECONDS (default 30) is how long schemathesis looks, CONTRACT_SEED (default 1) where it begins.
"""
import json
import os
import pathlib
import subprocess
import tempfile

from support.client import send
from support.examples import Things
from support.receiver import always
from support.scene import SceneTest, say
from support.tools import tool

SECONDS = int(os.environ.get("CONTRACT_SECONDS", "30"))
SEED = os.environ.get("CONTRACT_SEED", "1")
HERE = pathlib.Path(__file__).resolve().parent
#: What a request that fits the document may meet all the same: no such thing, a conflict, a limit of rate, a
#: destination that takes nothing.
MAY_MEET = ["2xx", "401", "403", "404", "409", "422", "429"]


class ContractTest(SceneTest):
    extra_environment = {"HOOKSENTRY_TRUSTED_PROXIES": "127.0.0.0/8"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = tempfile.TemporaryDirectory(prefix="hooksentry-contract.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.document = cls.folder / "openapi.json"
        cls.document.write_bytes(send(cls.server.port, "GET", "/openapi.json").body)

    def test_the_document_is_valid(self):
        result = subprocess.run(
            [tool("openapi-spec-validator"), self.document], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_the_server_does_what_the_document_says(self):
        configuration = self.folder / "schemathesis.toml"
        configuration.write_text("\n".join([
            "[auth.openapi.Bearer]", f'bearer = "{self.tenant.access_token}"',
            "[auth.openapi.Operator]", f'api_key = "{self.operator_token}"',
            "[auth.openapi.ApiKey]", f'api_key = "{self.tenant.api_key}"',
            "[checks.positive_data_acceptance]", f"expected-statuses = {json.dumps(MAY_MEET)}",
            # An event in the wrong state is refused with 400, as the contract has it; and what start, end and bucket
            # of a summary may be depends on one another.
            *[line for operation in ("replayEvent", "eraseEvent", "getSummary") for line in (
                "[[operations]]", f'include-operation-id = "{operation}"',
                f"checks.positive_data_acceptance.expected-statuses = {json.dumps([*MAY_MEET, '400'])}")], ""]))
        result = subprocess.run(
            [tool("schemathesis"), "--no-color", "--config-file", configuration, "run",
             f"http://127.0.0.1:{self.server.port}/openapi.json", "--checks", "all", "--mode", "all", "--seed", SEED,
             # It has no end to wait for.
             "--exclude-operation-id", "openStream",
             "--max-time", str(SECONDS), "--request-timeout", "20", "--suppress-health-check", "all",
             "--continue-on-failure", "--generation-database", "none", "--workers", "1", "--output-sanitize", "false"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=SECONDS + 240, cwd=self.folder, env={
                **os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE / "contract"),
                "CONTRACT_IDS": json.dumps(self.ids()), "CONTRACT_CALLER": self.caller()})
        self.assertEqual(result.returncode, 0, result.stdout)
        say(" ".join(result.stdout.split("SUMMARY")[-1].split()))
        # Whatever was done to it, the tenant is still served, and with this token.
        self.tenant.call("GET", f"/api/v1/tenants/{self.tenant.id}")

    def caller(self):
        return self.tenant.call("GET", "/api/v1/users")["items"][-1]["id"]

    def ids(self):
        """Two of everything, by its example in the document."""
        things = Things(self.tenant, self.receiver.url("/contract"), self.receiver.on("/refusing", always(401)),
                        self.operator_token)
        return {example: [things.makers[example](), things.makers[example]()]
                for path in json.loads(self.document.read_bytes())["paths"].values()
                for operation in path.values() for parameter in operation.get("parameters", [])
                if parameter["in"] == "path" and (example := parameter["example"])}
