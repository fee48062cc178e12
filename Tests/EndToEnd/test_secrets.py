"""The search for secrets in logs can find one. What it searches, and for what, is the rest of the tests' doing."""
import json
import os
import unittest
import uuid

from support import secrets
from support.client import Tenant, send
from support.scene import SceneTest
from support.server import Server


class SearchTest(unittest.TestCase):
    def planted(self, secret, text):
        secrets.remember(secret, "planted")
        return [what for what in secrets.leaks(text) if what == "planted"]

    def test_a_planted_secret_is_found_in_every_form(self):
        for secret in [f"hks_{uuid.uuid4()}", f'say "{uuid.uuid4()}" / \u00e9', f"{uuid.uuid4()}+/="]:
            escaped = secret
            for character, code in zip(' "/+=\u00e9', ["%20", "%22", "%2F", "%2B", "%3D", "%C3%A9"]):
                escaped = escaped.replace(character, code)
            for text in [f'{{"level":"info","message":"key {secret} is wrong"}}', secret, f"x{secret}",
                         json.dumps({"message": secret}), f"GET /invites/{escaped}/register"]:
                with self.subTest(text):
                    self.assertEqual(self.planted(secret, text), ["planted"])
            self.assertEqual(self.planted(secret, "nothing of it " * 10), [])
            self.assertEqual(self.planted(secret, secret[:-1]), [])

    def test_secrets_of_bodies_headers_and_settings_are_known(self):
        made = {name: f"{name}-{uuid.uuid4()}" for name in ["a", "b", "c", "d", "e", "f"]}
        secrets.remember_body(
            json.dumps({"x": [{"accessToken": made["a"]}], "credentials": {"value": made["b"]}}), "/x")
        secrets.remember_body(json.dumps({"key": made["c"]}), "/api/v1/apikeys?x=y")
        secrets.remember_headers({"Authorization": f"Bearer {made['d']}"}, "/x")
        secrets.remember_environment({"HOOKSENTRY_DATABASE_URL": f"postgresql://user:{made['e']}@localhost/x",
                                      "HOOKSENTRY_MASTER_KEY": made["f"]})
        self.assertEqual(len(secrets.leaks(" ".join(made.values()))), len(made))
        event = f"event-{uuid.uuid4()}"
        secrets.remember_body(json.dumps({"password": event}), "/api/v1/ingest/a/b")
        self.assertEqual(secrets.leaks(event), [])


class ClosedServerTest(SceneTest):
    def test_the_log_of_a_closed_server_was_searched(self):
        server = Server(self.server.environment, name="leaky")
        secret = f"planted-{uuid.uuid4()}"
        secrets.remember(secret, "planted in a log")
        with open(server.log_path, "a", encoding="utf-8") as log:
            print(json.dumps({"message": f"the key {secret} is wrong"}), file=log)
        server.close()
        self.assertFalse(os.path.exists(server.log_path))
        self.assertEqual(secrets.forget_findings("leaky"), ["a log of leaky contains a secret: planted in a log"])

    def test_what_the_client_sees_is_looked_for(self):
        tenant = Tenant(self.server.port)
        token = json.loads(send(self.server.port, "POST", "/api/v1/auth/login", json.dumps(
            {"email": tenant.email, "password": tenant.password}), {"Content-Type": "application/json"}).body)
        seen = [*tenant.secrets(), token["refreshToken"], self.operator_token]
        self.assertGreaterEqual(len(secrets.leaks("\n".join(seen))), len(seen) - 1)
