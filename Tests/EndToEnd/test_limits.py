"""Limits by address and e-mail: what is counted, for whom, and that nothing tells which accounts exist."""
import json
import uuid

from support.client import Tenant, send
from support.scene import SceneTest


class LimitsTest(SceneTest):
    extra_environment = {
        "HOOKSENTRY_TRUSTED_PROXIES": "127.0.0.0/8", "HOOKSENTRY_LIMITS_LOGIN_FAILURES": "3",
        "HOOKSENTRY_LIMITS_REGISTRATIONS_PER_ADDRESS": "2", "HOOKSENTRY_LIMITS_TENANTS_PER_ADDRESS": "2",
        "HOOKSENTRY_LIMITS_LIST_PAYLOAD_BYTES": "1000"}

    def post(self, path, body, client):
        return send(self.server.port, "POST", path, json.dumps(body),
                    {"Content-Type": "application/json", "X-Forwarded-For": client})

    def refused(self, answer, body):
        self.assertEqual(answer.status, 429)
        self.assertRegex(answer.headers["Retry-After"], r"^[1-9]\d*$")
        self.assertEqual(answer.body, body)

    def test_logins_of_known_and_unknown_addresses_look_the_same(self):
        sentence = b'"too many failed logins; please try again later"'
        other = Tenant(self.server.port)
        for number, email in enumerate((self.tenant.email, f"{uuid.uuid4()}@example.com")):
            wrong = {"email": email, "password": "wrong"}
            for count in range(3):
                # From a new address each time: it is the e-mail address that is counted.
                answer = self.post("/api/v1/auth/login", wrong, f"198.51.100.{10 * number + count}")
                self.assertEqual((answer.status, answer.body), (401, b""))
            self.refused(self.post("/api/v1/auth/login", wrong, f"198.51.100.{10 * number + 9}"), sentence)
        for count in range(3):
            body = {"email": f"{uuid.uuid4()}@example.com", "password": "wrong"}
            self.assertEqual(self.post("/api/v1/auth/login", body, "198.51.100.99").status, 401)
        # What a refused address tries is not counted against the e-mail: it could lock out everybody.
        for _ in range(5):
            self.refused(self.post("/api/v1/auth/login", {**body, "email": other.email}, "198.51.100.99"), sentence)
        good = {"email": other.email, "password": other.password}
        self.assertEqual(self.post("/api/v1/auth/login", good, "198.51.100.98").status, 200)

    def test_tenants_and_registrations_of_one_address(self):
        for count in range(3):
            made = {"name": f"Tenant {uuid.uuid4()}", "ownerEmail": f"{uuid.uuid4()}@x", "ownerPassword": "p"}
            answer = self.post("/api/v1/tenants", made, "203.0.113.5")
            # What the client wrote in front of the proxy's entry changes nothing.
            forged = self.post("/api/v1/invites/inv_unknown/register", {"email": "a@x", "password": "p"},
                               f"192.0.2.{count}, 203.0.113.6")
            if count < 2:
                self.assertEqual((answer.status, forged.status), (201, 404))
            else:
                self.refused(answer, b"")
                self.refused(forged, b"")

    def test_a_page_of_long_payloads(self):
        destination = self.tenant.destination(self.receiver.url(self.path()))
        events = [self.tenant.accept(destination, {"x": "x" * 592}) for _ in range(2)]
        sentence = self.tenant.call("GET", "/api/v1/events?Qt=2", 400)
        self.assertEqual(sentence, "Qt must be less where the payloads of a page have more than 1000 bytes together, "
                                   "and these have 1202; ask for fewer with Qt")
        pages = [self.tenant.call("GET", f"/api/v1/events?Qt=1&Pg={page}") for page in (2, 1)]
        self.assertEqual([page["items"][0]["id"] for page in pages], events)
