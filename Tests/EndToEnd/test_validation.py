"""Every field of every body against every rule for it: each failure is 400 with a JSON string that names the field."""
import json
import uuid

from support.client import send
from support.scene import SceneTest

#: Two UTF-16 code units each, which is what lengths count.
WIDE = "\U0001F40B"
CONTROLS = ["a\rb", "a\nb", "a\0b"]


def text(longest, blank=False, controls=False):
    """What a text field must not be. blank, controls: whether it may be so."""
    bad = [7, True, ["a"], {"a": 1}, "x" * (longest + 1), WIDE * (longest // 2) + "xx"]
    return bad + ([] if blank else ["", " \t"]) + ([] if controls else CONTROLS)


def email(longest=255):
    return text(longest) + ["nobody"]


def number(least, most=2**31 - 1):
    return [least - 1, most + 1, 1.5, "many", True, [1], 2**64]


PASSWORD = ["", 7, ["p"]]
ROLE = ["boss", 3, -1, 1.5, True, ["Admin"]]


class ValidationTest(SceneTest):
    extra_environment = {
        f"HOOKSENTRY_LIMITS_{name}": "1000000"
        for name in ("TENANTS_PER_ADDRESS", "LOGIN_FAILURES", "REGISTRATIONS_PER_ADDRESS")}

    def refuse(self, method, path, body, field, raw=None):
        answer = send(self.server.port, method, path, raw if raw is not None else json.dumps(body), {
            "Content-Type": "application/json", "Authorization": f"Bearer {self.tenant.access_token}"})
        shown = json.dumps(body)[:80] if raw is None else raw[:80]
        with self.subTest(f"{method} {path} {shown}"):
            self.assertEqual(answer.status, 400, answer.body)
            self.assertEqual(answer.headers["Content-Type"], "application/json; charset=utf-8")
            sentence = json.loads(answer.body)
            self.assertIsInstance(sentence, str)
            self.assertIn(field.lower(), sentence.lower())

    def check(self, method, path, good, rules, required=()):
        """Breaks one field after the other of a body that is accepted."""
        for field, values in rules.items():
            for value in values:
                self.refuse(method, path, {**good, field: value}, field)
        for field in required:
            self.refuse(method, path, {name: value for name, value in good.items() if name != field}, field)
            self.refuse(method, path, {**good, field: None}, field)
        for raw in ("[]", '"text"', "7", "null", "{", '{"a":}', '{"a":1}x', "[" * 100 + "]" * 100, ""):
            if raw or required:
                self.refuse(method, path, None, "body", raw=raw)

    def test_sessions(self):
        self.check("POST", "/api/v1/auth/login", {"email": "nobody@x", "password": "p"},
                   {"email": text(255), "password": ["", " ", 7]}, required=("email", "password"))
        for path in ("refresh", "logout"):
            self.check("POST", f"/api/v1/auth/{path}", {"refreshToken": "unknown"}, {"refreshToken": text(512)},
                       required=("refreshToken",))

    def test_tenants(self):
        good = {"name": f"Tenant {uuid.uuid4()}", "ownerEmail": f"{uuid.uuid4()}@x", "ownerPassword": "p"}
        numbers = {"maxTrys": number(1), "circuitBreakerTimer": number(1)}
        self.check("POST", "/api/v1/tenants", good,
                   {"name": text(255), "ownerEmail": email(), "ownerPassword": PASSWORD, **numbers},
                   required=("name", "ownerEmail", "ownerPassword"))
        path = f"/api/v1/tenants/{self.tenant.id}"
        self.check("PATCH", path, {}, {"name": text(255), **numbers})
        self.check("POST", path + "/webhook-secret", {}, {"overlapSeconds": number(0, 604_800)})
        self.check("POST", path + "/webhook-secret/verify", {"payload": "", "signature": ""},
                   {"payload": [7, {}], "signature": [7, {}]}, required=("payload", "signature"))

    def test_users_and_invites(self):
        person = {"email": f"{uuid.uuid4()}@x", "password": "p"}
        self.check("POST", "/api/v1/users", person, {"email": email(), "password": PASSWORD, "role": ROLE},
                   required=("email", "password"))
        made = self.tenant.call("POST", "/api/v1/users", 201, person)
        self.check("PATCH", f"/api/v1/users/{made['id']}", {},
                   {"email": email(), "password": PASSWORD, "role": ROLE, "status": ["Gone", 2, True]})
        self.check("POST", "/api/v1/invites", {}, {"validityDays": number(1, 30), "role": ROLE + ["Owner", 10]})

        invite = self.tenant.call("POST", "/api/v1/invites", 201, {})
        self.check("POST", f"/api/v1/invites/{invite['token']}/register", {**person, "email": f"{uuid.uuid4()}@x"},
                   {"email": email(), "password": PASSWORD}, required=("email", "password"))

    def test_keys_and_senders(self):
        self.check("POST", "/api/v1/apikeys", {"name": "k"}, {"name": text(100)}, required=("name",))
        destination = self.tenant.destination(self.receiver.url(self.path()))
        self.check("POST", f"/api/v1/destinations/{destination['id']}/senders", {}, {"label": text(255, blank=True)})

    def test_destinations(self):
        rules = {
            "url": ["", " ", 7, "hooks.example/in", "/in", "ftp://hooks.example/", "https://", "https://:443/",
                    "https://hooks.example:0/", "https://hooks.example:x/", "https://a b/", "https://a\n.example/",
                    "https://169.254.169.254/latest", "https://10.0.0.1/", "https://[::ffff:10.0.0.1]/",
                    "https://x.example/" + "p" * 8_192],
            "serverRateLimit": number(1),
            "retryPolicy": ["Fixed", 7, {"settings": {}}, {"plugin": 7}],
            "transformers": ["Mapping", {}, [7], [{}], [{"plugin": "Mapping"}] * 9],
        }
        good = {"url": "https://hooks.example/in"}
        self.check("POST", "/api/v1/destinations", good, rules, required=("url",))
        made = self.tenant.destination("https://hooks.example/in")
        path = f"/api/v1/destinations/{made['id']}"
        self.check("PATCH", path, {}, {**rules, "status": ["suspended", "gone", 7, True], "removeAuth": ["yes", 1]})
        for name in ("Unknown", "", 4, True, {}):
            self.refuse("PATCH", path, {"authType": name, "credentials": {"token": "t"}}, "authType")
        self.refuse("PATCH", path, {"credentials": {"token": "t"}}, "credentials")
        self.refuse("PATCH", path, {"authType": "BearerToken"}, "credentials")
        self.refuse("PATCH", path, {"authType": "BearerToken", "credentials": "t"}, "credentials")

    def test_credentials(self):
        path = f"/api/v1/destinations/{self.tenant.destination('https://hooks.example/in')['id']}"
        client = {"tokenEndpoint": "https://login.example/token", "clientId": "c", "clientSecret": "s"}
        kinds = {
            "ApiKey": ({"headerName": "X-Key", "value": "v"},
                       {"headerName": text(100) + ["X Key", "X-Schlüssel", "X:Key"], "value": text(2_048)}),
            "BearerToken": ({"token": "t"}, {"token": text(4_096)}),
            "BasicAuth": ({"username": "u", "password": "p"},
                          {"username": text(512) + ["a:b"], "password": text(512)}),
            "JwtBearer": (client, {
                "tokenEndpoint": ["", " ", 7, "login.example", "https://x.example/" + "p" * 2_048],
                "clientId": text(512), "clientSecret": text(512), "scope": ["s" * 513, "a\nb"]}),
        }
        for kind, (good, rules) in kinds.items():
            self.tenant.call("PATCH", path, 200, {"authType": kind, "credentials": good})
            for field, values in rules.items():
                for value in values:
                    self.refuse("PATCH", path, {"authType": kind, "credentials": {**good, field: value}}, field)
                if field != "scope":
                    # Of a destination that is there, a secret that is left out would be kept.
                    less = {name: value for name, value in good.items() if name != field}
                    new = {"url": "https://hooks.example/in", "authType": kind, "credentials": less}
                    self.refuse("POST", "/api/v1/destinations", new, field)

    def test_ingest(self):
        destination = self.tenant.destination(self.receiver.url(self.path()))
        good = self.tenant.ingest_path(destination)
        base = good.rpartition("/")[0]
        key = {"X-Api-Key": self.tenant.api_key, "Content-Type": "application/json"}
        cases = [(f"{base}/dst_{'0' * 509}", {}, "token"), (f"{base}/dst_a%0A", {}, "token"),
                 (f"{base}/tok_0", {}, "token"), (good, {"X-Idempotency-Key": "k" * 256}, "X-Idempotency-Key")]
        for path, headers, field in cases:
            with self.subTest(path=path, headers=headers):
                answer = send(self.server.port, "POST", path, b"{}", {**key, **headers})
                self.assertEqual(answer.status, 400, answer.body)
                self.assertIn(field, json.loads(answer.body))

    def test_the_longest_that_is_allowed(self):
        """Lengths count UTF-16 code units: the same number of wide characters is twice as long."""
        self.tenant.call("POST", "/api/v1/apikeys", 201, {"name": WIDE * 50})
        self.tenant.call("PATCH", f"/api/v1/tenants/{self.tenant.id}", 200, {"name": WIDE * 127 + "x"})
        destination = self.tenant.destination(self.receiver.url(self.path()))
        self.tenant.call("POST", f"/api/v1/destinations/{destination['id']}/senders", 201, {"label": WIDE * 127 + "x"})
        address = f"{uuid.uuid4()}@".ljust(255, "x")
        self.tenant.call("POST", "/api/v1/users", 201, {"email": address, "password": "p"})
        answer = self.tenant.ingest(destination, {"a": 1}, "k" * 255)
        self.assertEqual(answer.status, 202)
