"""The search for secrets in logs can find one. What it searches, and for what, is the rest of the tests' doing."""
import json
import os
import unittest
import uuid

from support import secrets
from support.client import Tenant, send
from support.scene import SceneTest, shared_services
from support.server import Server, log_lines


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

    def test_a_request_that_fails_is_logged_by_its_route_and_not_by_its_path(self):
        token = self.tenant.call("POST", "/api/v1/invites", 201, {})["token"]
        self.rename("invites", "invites_elsewhere")
        try:
            answer = send(self.server.port, "POST", f"/api/v1/invites/{token}/register",
                          json.dumps({"email": "a@example.com", "password": "p"}),
                          {"Content-Type": "application/json"})
        finally:
            self.rename("invites_elsewhere", "invites")
        self.assertEqual(answer.status, 500)
        failed, = [line for line in log_lines(self.server.log()) if line["message"] == "a request failed"]
        self.assertEqual((failed["method"], failed["route"]), ("POST", "/api/v1/invites/{token}/register"))
        self.assertNotIn(token, self.server.log())

    def rename(self, table, name):
        database = self.server.environment["HOOKSENTRY_DATABASE_URL"].rsplit("/", 1)[1].split("?")[0]
        shared_services().command("psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", f'\\connect "{database}"',
                                  "-c", f"alter table {table} rename to {name}")

    def test_what_the_client_sees_is_looked_for(self):
        tenant = Tenant(self.server.port)
        token = json.loads(send(self.server.port, "POST", "/api/v1/auth/login", json.dumps(
            {"email": tenant.email, "password": tenant.password}), {"Content-Type": "application/json"}).body)
        seen = [*tenant.secrets(), token["refreshToken"], self.operator_token]
        self.assertGreaterEqual(len(secrets.leaks("\n".join(seen))), len(seen) - 1)
