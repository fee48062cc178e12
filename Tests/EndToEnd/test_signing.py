"""Deliveries that are signed, checked at the receiver with code that is not ours, and chains of transformers."""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import unittest

from support.conditions import eventually
from support.scene import SceneTest
from support.signatures import hooksentry_signature, standard_webhooks_signature


def digest(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


#: The key of RFC 9421, appendix B.1.3.
PRIVATE_KEY = """-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFKbhfNZfpDsW43+0+JjUr9K+bTeuxopu653+hBaXGA7oAoGCCqGSM49
AwEHoUQDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lfw0EkjqF7xB4FivAxzic30tMM
4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END EC PRIVATE KEY-----
"""


def is_signed(message, signature):
    """Whether OpenSSL's own program takes r and s for PRIVATE_KEY's signature."""
    def integer(number):
        digits = number.lstrip(b"\0") or b"\0"
        digits = b"\0" + digits if digits[0] & 0x80 else digits
        return bytes([2, len(digits)]) + digits
    body = integer(signature[:32]) + integer(signature[32:])
    with tempfile.TemporaryDirectory() as folder:
        for name, content in [("key", PRIVATE_KEY.encode()), ("text", message),
                              ("signature", bytes([0x30, len(body)]) + body)]:
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        return subprocess.run(
            ["openssl", "dgst", "-sha256", "-prverify", "key", "-signature", "signature", "text"], cwd=folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False,
            timeout=20).returncode == 0


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class SigningTest(SceneTest):
    def deliver(self, payload, **settings):
        """The one request that an event makes, and the event's id."""
        destination = self.tenant.destination(self.receiver.url(self.path()), **settings)
        event = self.tenant.final(self.tenant.accept(destination, payload))
        self.assertEqual(event["status"], "Succeeded", self.tenant.attempts(event["id"]))
        request, = self.receiver.requests(self.path())
        return request, event["id"]

    def test_what_the_guide_for_receivers_says(self):
        guide = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "users" / "receiving.md").read_text()
        program, = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
        taught = {}
        exec(program, taught)  # pylint: disable=exec-used
        request, _ = self.deliver({"n": 1})
        secret = self.tenant.webhook_secret
        self.assertTrue(taught["is_genuine"](secret, request.headers, request.body))
        self.assertFalse(taught["is_genuine"](secret, request.headers, request.body + b" "))
        late = {**request.headers, "webhook-timestamp": str(int(request.headers["webhook-timestamp"]) - 301)}
        self.assertFalse(taught["is_genuine"](secret, late, request.body))
        for name in ["webhook-id", "webhook-timestamp", "webhook-signature", "x-hooksentry-signature"]:
            self.assertIn(f"`{name}`", guide.lower())
            self.assertIn(name, request.headers)

    def test_slack_style(self):
        request, _ = self.deliver({"n": 1}, authenticator={
            "plugin": "Hmac", "settings": {"preset": "slack", "secret": "8f742231b10e"}})
        timestamp = request.headers["x-slack-request-timestamp"]
        self.assertLess(abs(time.time() - int(timestamp)), 60)
        signed = b"v0:" + timestamp.encode() + b":" + request.body
        self.assertEqual(request.headers["x-slack-signature"], "v0=" + digest(b"8f742231b10e", signed).hex())

    def test_the_final_body_is_what_is_signed(self):
        request, _ = self.deliver({"keep": 1.5, "secret": "s"}, transformers=[
            {"plugin": "Redact", "settings": {"rules": [{"path": "/secret"}]}}], authenticator={
            "plugin": "Hmac", "settings": {"preset": "github", "secret": "k"}})
        self.assertEqual(request.body, b'{"keep":1.5}')
        self.assertEqual(request.headers["x-hub-signature-256"], "sha256=" + digest(b"k", request.body).hex())

    def test_a_token_for_each_delivery(self):
        key = b"0123456789abcdef0123456789abcdef"
        request, event = self.deliver({"order": {"id": 17}}, authenticator={
            "plugin": "SignedJwt", "settings": {
                "algorithm": "HS256", "secret": key.decode(), "keyId": "k1", "issuer": "hooks",
                "claims": {"body": "{bodySha256}"}, "bodyClaims": {"order": "/order/id"}}})
        scheme, token = request.headers["authorization"].split(" ")
        header, payload, signature = token.split(".")
        self.assertEqual(scheme, "Bearer")
        self.assertEqual(digest(key, f"{header}.{payload}".encode()), unpadded(signature))
        self.assertEqual(json.loads(unpadded(header)), {"alg": "HS256", "typ": "JWT", "kid": "k1"})
        claims = json.loads(unpadded(payload))
        self.assertEqual(claims["body"], hashlib.sha256(request.body).hexdigest())
        self.assertEqual((claims["iss"], claims["order"], claims["jti"]), ("hooks", 17, f"{event}.1"))
        self.assertEqual(claims["exp"] - claims["iat"], 300)

    @unittest.skipUnless(shutil.which("openssl"), "there is no openssl command")
    def test_a_private_key_signs(self):
        request, _ = self.deliver({"a": 1}, authenticator={"plugin": "SignedJwt", "settings": {
            "algorithm": "ES256", "privateKey": PRIVATE_KEY}})
        message, _, signature = request.headers["authorization"].removeprefix("Bearer ").rpartition(".")
        self.assertTrue(is_signed(message.encode(), unpadded(signature)))
        self.assertFalse(is_signed(message.encode() + b".", unpadded(signature)))

    def test_http_message_signatures(self):
        request, _ = self.deliver({"a": 1}, authenticator={"plugin": "HttpSignature", "settings": {
            "algorithm": "hmac-sha256", "secret": "k", "keyId": "one",
            "components": ["@method", "@authority", "@path", "content-type", "content-length", "content-digest"]}})
        content_digest = "sha-256=:" + base64.b64encode(hashlib.sha256(request.body).digest()).decode() + ":"
        self.assertEqual(request.headers["content-digest"], content_digest)
        parameters = request.headers["signature-input"].removeprefix("sig1=")
        # Each from what arrived, not from what was meant.
        values = {"@method": "POST", "@authority": request.headers["host"], "@path": request.path,
                  **{name: request.headers[name] for name in ["content-type", "content-length", "content-digest"]}}
        covered = re.findall(r'"([^"]+)"', parameters.split(")")[0])
        self.assertEqual(covered, list(values))
        lines = [f'"{name}": {values[name]}' for name in covered] + [f'"@signature-params": {parameters}']
        signature = base64.b64encode(digest(b"k", "\n".join(lines).encode())).decode()
        self.assertEqual(request.headers["signature"], f"sig1=:{signature}:")

    def test_aws_signature(self):
        request, _ = self.deliver({"a": 1}, authenticator={"plugin": "AwsSigV4", "settings": {
            "accessKeyId": "AKID", "secretAccessKey": "wJalr/K7MDENG", "region": "eu-central-1",
            "service": "execute-api"}})
        moment = request.headers["x-amz-date"]
        canonical = "\n".join([
            "POST", request.path, "", f"content-type:{request.headers['content-type']}",
            f"host:{request.headers['host']}", f"x-amz-date:{moment}", "", "content-type;host;x-amz-date",
            hashlib.sha256(request.body).hexdigest()])
        scope = f"{moment[:8]}/eu-central-1/execute-api/aws4_request"
        key = b"AWS4wJalr/K7MDENG"
        for part in scope.split("/"):
            key = digest(key, part.encode())
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        self.assertEqual(
            request.headers["authorization"],
            f"AWS4-HMAC-SHA256 Credential=AKID/{scope}, SignedHeaders=content-type;host;x-amz-date, "
            f"Signature={digest(key, text.encode()).hex()}")

    def test_an_authenticator_replaces_a_header_and_cannot_have_the_hosts_own(self):
        request, _ = self.deliver({"a": 1}, authenticator={
            "plugin": "ApiKey", "settings": {"headerName": "User-Agent", "value": "Partner/2"}})
        self.assertEqual(request.headers["user-agent"], "Partner/2")
        for name in ["Content-Type", "webhook-id", "X-HookSentry-Signature"]:
            answer = self.tenant.call("POST", "/api/v1/destinations", 400, {
                "url": self.receiver.url(self.path()),
                "authenticator": {"plugin": "Hmac", "settings": {"secret": "k", "header": name}}})
            self.assertIn(name, json.dumps(answer))

    def test_the_key_is_never_shown(self):
        made = self.tenant.destination(self.receiver.url(self.path()), authenticator={
            "plugin": "SignedJwt", "settings": {"algorithm": "HS256", "secret": "never-shown-" * 4}})
        self.assertNotIn("never-shown", json.dumps(made))
        shown = self.tenant.call("GET", f"/api/v1/destinations/{made['id']}", 200)
        self.assertNotIn("never-shown", json.dumps(shown))


class IsolatedSigningTest(SigningTest):
    """The same in a process of its own, which can open no file and reach no network."""

    extra_environment = {"HOOKSENTRY_PLUGIN_ISOLATION": "process"}


class RotationTest(SceneTest):
    """The tenant's secret is replaced while deliveries go on."""

    def rotate(self, **body):
        path = f"/api/v1/tenants/{self.tenant.id}/webhook-secret"
        return self.tenant.call("POST", path, 200, body)["webhookSecret"]

    def signed_with(self, secrets):
        """Delivers an event; which of these secrets have signed it, by the list that Standard Webhooks reads."""
        event = self.tenant.accept(self.destination, {"n": 1})
        self.tenant.final(event)
        request = next(one for one in self.receiver.requests(self.path()) if one.headers["webhook-id"] == event)
        made = request.headers["webhook-signature"].split()
        signatures = {standard_webhooks_signature(
            secret, event, request.headers["webhook-timestamp"], request.body): secret for secret in secrets}
        self.assertEqual(request.headers["x-hooksentry-signature"],
                         hooksentry_signature(signatures[made[0]], request.body))
        return [signatures[signature] for signature in made]

    def test_the_newest_two_sign_and_a_rotation_without_overlap_ends_them(self):
        self.destination = self.tenant.destination(self.receiver.url(self.path()))
        first = self.tenant.webhook_secret
        self.assertEqual(self.signed_with([first]), [first])
        second = self.rotate(overlapSeconds=604_800)
        eventually(lambda: self.signed_with([first, second]) == [second, first], 20, "both sign")
        third = self.rotate(overlapSeconds=604_800)
        eventually(lambda: self.signed_with([first, second, third]) == [third, second], 20, "the newest two sign")
        fourth = self.rotate()
        eventually(lambda: self.signed_with([first, second, third, fourth]) == [fourth], 20, "the new one signs alone")


class ChainTest(SceneTest):
    """Several transformers, one after the other, each with its time on the attempt."""

    transformers = [
        {"plugin": "Redact", "settings": {"rules": [{"path": "/card/number", "action": "mask", "keepLast": 4}]}},
        {"plugin": "JsonPatch", "settings": {"patch": [
            {"op": "test", "path": "/kind", "value": "order"}, {"op": "move", "from": "/card", "path": "/paidWith"}]}},
        {"plugin": "Template", "settings": {
            "template": '{"text": "{{/paidWith/number | jsonString}}", "net": {{/net}}}'}},
    ]

    def send(self, body):
        destination = self.tenant.destination(
            self.receiver.url(self.path()), transformers=self.transformers, authenticator={
                "plugin": "Hmac", "settings": {"secret": "k"}}, retryPolicy={
                "plugin": "Fixed", "settings": {"delaySeconds": 3600}})
        return self.tenant.accept(destination, body)

    def test_each_gets_the_output_of_the_one_before(self):
        event = self.tenant.final(self.send(b'{"kind":"order","net":1.10,"card":{"number":"4111111111111111"}}'))
        self.assertEqual(event["status"], "Succeeded", self.tenant.attempts(event["id"]))
        request, = self.receiver.requests(self.path())
        self.assertEqual(request.body, b'{"text": "***1111", "net": 1.10}')
        attempt, = self.tenant.attempts(event["id"])
        self.assertEqual([step["plugin"] for step in attempt["steps"]], [
            "Redact 1.0.0", "JsonPatch 1.0.0", "Template 1.0.0", "Hmac 1.0.0"])
        self.assertEqual(attempt["plugins"], [step["plugin"] for step in attempt["steps"]])
        for step in attempt["steps"]:
            self.assertIsInstance(step["durationUs"], int)
            self.assertLess(step["durationUs"] / 1000, attempt["durationMs"] + 1)

    def test_the_content_type_is_what_the_last_that_knew_said(self):
        xml = {"plugin": "Template", "settings": {"template": "<order id='{{/id}}'/>", "format": "xml"}}
        json_again = {"plugin": "Template", "settings": {"template": '{"id": {{/id}}}'}}
        for name, transformers, wanted in (
                ("xml", [xml], "application/xml"), ("json", [json_again], "application/json"),
                ("both", [json_again, xml], "application/xml")):
            path = f"{self.path()}/{name}"
            destination = self.tenant.destination(
                self.receiver.url(path), transformers=transformers,
                authenticator={"plugin": "Hmac", "settings": {"secret": "k"}})
            event = self.tenant.final(self.tenant.accept(destination, {"id": 17}))
            self.assertEqual(event["status"], "Succeeded", self.tenant.attempts(event["id"]))
            request, = self.receiver.requests(path)
            self.assertEqual(request.headers["content-type"], wanted)

    def test_a_step_that_fails_ends_the_attempt_there(self):
        event = self.send(b'{"kind":"other","card":{}}')
        eventually(lambda: self.tenant.attempts(event), 20, "the attempt is recorded")
        attempt, = self.tenant.attempts(event)
        self.assertEqual(attempt["outcome"], "plugin")
        self.assertIn("Operation 0 of the patch (test) found another value", attempt["error"])
        self.assertEqual([step["durationUs"] is None for step in attempt["steps"]], [False, False, True, True])
        self.assertEqual(self.receiver.count(self.path()), 0)


class IsolatedChainTest(ChainTest):
    """The same, each transformer in a process of its own."""

    extra_environment = {"HOOKSENTRY_PLUGIN_ISOLATION": "process"}
