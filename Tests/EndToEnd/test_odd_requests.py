"""What clients send that no client should: every answer is one the contract has, and none is a fault of the server."""
import json
import re
import uuid

from support.client import send
from support.scene import SceneTest
from support.wire import raw

EMPTY = b""
JSON_TYPE = "application/json; charset=utf-8"
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


class OddRequestsTest(SceneTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.destination = cls.tenant.destination(cls.receiver.url("/odd"))
        cls.bearer = {"Authorization": f"Bearer {cls.tenant.access_token}"}
        cls.json = {"Content-Type": "application/json", **cls.bearer}

    def ask(self, method, path, body=None, headers=None):
        answer = send(self.server.port, method, path, body, self.bearer if headers is None else headers)
        self.assertLess(answer.status, 500, f"{method} {path} {body!r}: {answer.body!r}")
        return answer

    def post(self, path, body, method="POST"):
        return self.ask(method, path, body if isinstance(body, bytes) else json.dumps(body).encode(), self.json)

    def assert_sentence(self, answer, status, *words):
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(answer.headers["Content-Type"], JSON_TYPE)
        sentence = json.loads(answer.body)
        self.assertIsInstance(sentence, str)
        for word in words:
            self.assertIn(word, sentence)

    def assert_empty(self, answer, status):
        self.assertEqual((answer.status, answer.body), (status, EMPTY))
        self.assertIsNone(answer.headers["WWW-Authenticate"])

    def test_paths(self):
        some = uuid.uuid4()
        for path in ["/api/v1/users/17", f"/api/v1/users/{str(some)[:-1]}", f"/api/v1/users/{some}x", "/api/v1",
                     "/api", "/", "//", "/api/v1/users/", "/api//v1/users", "/api/v1/users/../users", "/api/v2/users",
                     "/API/v1/users", f"/api/v1/users/{{{some}}}", "/api/v1/users/%F0%9F%90%9D", "/api/v1/%75sers/1",
                     f"/api/v1/users%2F{some}"]:
            with self.subTest(path):
                self.assert_empty(self.ask("GET", path), 404)
        self.assertEqual(self.ask("GET", "/api/v1/%75sers").status, 200)
        for path in ["/api/v1/users/%", "/api/v1/users/%zz", "/api/v1/invites/%00/register",
                     "/api/v1/invites/%ff/register"]:
            with self.subTest(path):
                method = "POST" if "register" in path else "GET"
                self.assertIn(self.ask(method, path, b"{}", self.json).status, (400, 404))

    def test_methods(self):
        for method, path, allow in [("PUT", "/api/v1/users", "GET, HEAD, POST"), ("DELETE", "/health", "GET, HEAD"),
                                    ("TRACE", "/health", "GET, HEAD"), ("BREW", "/health", "GET, HEAD"),
                                    ("GET", "/api/v1/auth/login", "POST"), ("get", "/health", "GET, HEAD"),
                                    ("OPTIONS", "/api/v1/auth/login", "POST")]:
            with self.subTest(f"{method} {path}"):
                answer = self.ask(method, path)
                self.assert_empty(answer, 405)
                self.assertEqual(answer.headers["Allow"], allow)

    def test_head_is_get_without_the_body(self):
        for path in ["/health", "/openapi.json", "/api/v1/users", "/docs"]:
            with self.subTest(path):
                head, get = self.ask("HEAD", path), self.ask("GET", path)
                self.assertEqual((head.status, head.body), (200, EMPTY))
                self.assertEqual(head.headers["Content-Type"], get.headers["Content-Type"])
                self.assertEqual(head.headers["Content-Length"], get.headers["Content-Length"])
        self.assert_empty(self.ask("HEAD", "/api/v1/users", headers={}), 401)

    def test_types_of_bodies(self):
        path, body = "/api/v1/apikeys", b'{"name":"typed"}'
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                     "application", "application/xml", "", ";", "application/jsonp", "text/json2"]:
            with self.subTest(kind):
                self.assert_empty(self.ask("POST", path, body, {**self.bearer, "Content-Type": kind}), 415)
        self.assert_empty(self.ask("POST", path, body, self.bearer), 415)
        for kind in ["application/json", "APPLICATION/JSON", "application/json;charset=utf-8", "application/json ; x=y",
                     "application/cloudevents+json"]:
            with self.subTest(kind):
                self.assertEqual(self.ask("POST", path, body, {**self.bearer, "Content-Type": kind}).status, 201)

    def test_bodies_that_are_not_what_is_asked_for(self):
        for body in [b"", b" ", b"{", b"}", b"nul", b"null", b"[]", b'"text"', b"17", b'{"name":}', b'{"name":"x"}}',
                     b'{"name":"x",}', b"{'name':'x'}", b'{"name":"\xff"}', b'{"name":"\xc0\x80"}', b'{"name":"a\nb"}',
                     b"\x00", b'{"name":"x"}\x00', b"\xfe\xff\x00{\x00}", b'{"name":NaN}', b'{"name":01}',
                     b'{"a":' * 65 + b"1" + b"}" * 65, b"[" * 100_000, b'{"name":"\\x"}', b'{"name":"\\ud8"}']:
            with self.subTest(body[:40]):
                self.assert_sentence(self.post("/api/v1/apikeys", body), 400, "body")
        self.assertEqual(self.post("/api/v1/apikeys", b'{"x":' * 63 + b"{}" + b"}" * 63).status, 400)
        self.assertEqual(self.post("/api/v1/apikeys", b' {"name":"x","x":' + b"[" * 63 + b"]" * 63 + b"} ").status, 201)

    def test_names_numbers_and_choices_are_taken_as_clients_write_them(self):
        made = self.post("/api/v1/destinations", {
            "URL": self.receiver.url("/odd"), "ServerRateLimit": "7", "unknown": {"deep": [1]}, "authtype": None})
        self.assertEqual(made.status, 201, made.body)
        self.assertEqual(json.loads(made.body)["serverRateLimit"], 7)
        path = "/api/v1/destinations/" + json.loads(made.body)["id"]
        for status, name in [("inactive", "Inactive"), ("ACTIVE", "Active"), (1, "Inactive"), ("0", "Active")]:
            with self.subTest(status):
                answer = self.post(path, {"status": status}, "PATCH")
                self.assertEqual((answer.status, json.loads(answer.body).get("status")), (200, name))
        for role, name in [("viewer", "Viewer"), (20, "Viewer"), (20.0, "Viewer"), ("10", "Owner"), (0, "Developer"),
                           (None, "Developer")]:
            with self.subTest(role):
                answer = self.post("/api/v1/users", {"email": f"{uuid.uuid4()}@example.com", "password": "p",
                                                     "role": role})
                self.assertEqual((answer.status, json.loads(answer.body).get("role")), (201, name))
        for role in [2, "boss", -1, 99999999999, "", [], {}, True, 1.5]:
            with self.subTest(role):
                self.assert_sentence(self.post("/api/v1/users", {
                    "email": f"{uuid.uuid4()}@example.com", "password": "p", "role": role}), 400, "role")

    def test_answers_have_every_member_and_times_in_utc(self):
        listed = json.loads(self.ask("GET", "/api/v1/apikeys?IsActive=true").body)
        self.assertEqual(set(listed["items"][0]), {"id", "name", "isActive", "createdAt", "revokedAt"})
        self.assertIsNone(listed["items"][0]["revokedAt"])
        self.assertRegex(listed["items"][0]["createdAt"], TIME)
        self.assertEqual(str(uuid.UUID(listed["items"][0]["id"])), listed["items"][0]["id"])

    def test_credentials_that_open_nothing(self):
        key, token = self.tenant.api_key, self.tenant.access_token
        header, claims, signature = token.split(".")
        for headers in [{}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "},
                        {"Authorization": token}, {"Authorization": f"Basic {token}"},
                        {"Authorization": f"Bearer {token} x"}, {"Authorization": f"Bearer {token[:-2]}"},
                        {"Authorization": f"Bearer {header}.{claims}."}, {"Authorization": "Bearer a.b.c"},
                        {"Authorization": f"Bearer eyJhbGciOiJub25lIn0.{claims}."},
                        {"Authorization": f"Bearer {key}"}, {"X-Api-Key": key}, {"X-Api-Key": token},
                        {"Authorization": "Bearer " + "a" * 6000}, {"Authorization": "Bearer \xff"}]:
            with self.subTest(str(headers)[:60]):
                self.assert_empty(self.ask("GET", "/api/v1/users", headers=headers), 401)
        ingest = self.tenant.ingest_path(self.destination)
        for headers in [{}, {"X-Api-Key": ""}, {"X-Api-Key": token}, {"Authorization": f"Bearer {token}"},
                        {"X-Api-Key": "x" * 5000}, {"X-Api-Key": key + " x"}]:
            with self.subTest(str(headers)[:60]):
                headers = {"Content-Type": "application/json", **headers}
                self.assert_empty(self.ask("POST", ingest, b"{}", headers), 401)

    def test_paging(self):
        for query in ["Qt=0", "Qt=-1", "Qt=1000000", "Pg=0", "Pg=-5", "Pg=-" + "9" * 40,
                      "Qt=" + "9" * 40, "Qt=-" + "9" * 40, "qt=1&pg=1&cpord=id&tpord=asc", "Qt=&Pg=", "CpOrd=ID",
                      "TpOrd=0", "TpOrd=1", "TpOrd=DESC", "Unknown=1", "&&&", "Qt", "Status=0", "Status=active",
                      "Status="]:
            with self.subTest(query):
                answer = self.ask("GET", f"/api/v1/users?{query}")
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(set(json.loads(answer.body)), {"total", "items"})
        for query, name in [("Qt=ten", "Qt"), ("Qt=1.5", "Qt"), ("Pg=0x1", "Pg"), ("CpOrd=passwordHash", "CpOrd"),
                            ("CpOrd=nothing", "CpOrd"), ("CpOrd=id;drop", "CpOrd"), ("TpOrd=up", "TpOrd"),
                            ("TpOrd=2", "TpOrd"), ("Status=7", "Status"), ("Status=asleep", "Status"),
                            ("Role=2", "Role"), ("Qt=-", "Qt"), ("Pg=2147483648", "Pg"), ("Pg=" + "9" * 40, "Pg")]:
            with self.subTest(query):
                self.assert_sentence(self.ask("GET", f"/api/v1/users?{query}"), 400, name)
        for query, name in [("DestinationUrlId=17", "DestinationUrlId"), ("From=yesterday", "From"), ("To=17", "To"),
                            ("From=2026-13-01", "From"), ("From=2026-02-30T00:00:00Z", "From")]:
            with self.subTest(query):
                self.assert_sentence(self.ask("GET", f"/api/v1/events?{query}"), 400, name)
        for query in ["From=2026-01-01", "From=2026-01-01T00:00:00Z", "To=2026-01-01T00:00:00.1234567+02:00",
                      "From=0001-01-01T00:00:00Z", "To=9999-12-31T23:59:59Z"]:
            with self.subTest(query):
                self.assertEqual(self.ask("GET", f"/api/v1/events?{query}").status, 200)
        for query in ["Qt=%", "Qt=%zz", "Qt=%ff", "%ff=1", "CpOrd=%00"]:
            with self.subTest(query):
                self.assertEqual(self.ask("GET", f"/api/v1/users?{query}").status, 400)

    def test_rules_of_fields(self):
        long, line = "x" * 256, "a\r\nb"
        email = f"{uuid.uuid4()}@example.com"
        url = self.receiver.url("/odd")
        for path, body, word in [
                ("/api/v1/auth/login", {"email": long, "password": "p"}, "email"),
                ("/api/v1/auth/login", {"email": line, "password": "p"}, "email"),
                ("/api/v1/auth/login", {"email": " ", "password": "p"}, "email"),
                ("/api/v1/auth/login", {"email": "a@b", "password": ""}, "password"),
                ("/api/v1/auth/login", {"password": "p"}, "email"),
                ("/api/v1/auth/login", {"email": "a@b"}, "password"),
                ("/api/v1/auth/login", {"email": 17, "password": "p"}, "email"),
                ("/api/v1/auth/refresh", {}, "refreshToken"),
                ("/api/v1/auth/refresh", {"refreshToken": ""}, "refreshToken"),
                ("/api/v1/auth/refresh", {"refreshToken": "x" * 513}, "refreshToken"),
                ("/api/v1/auth/refresh", {"refreshToken": "a\u0000b"}, "refreshToken"),
                ("/api/v1/users", {"email": "nobody", "password": "p"}, "email"),
                ("/api/v1/users", {"email": email, "password": ""}, "password"),
                ("/api/v1/users", {"email": email, "password": None}, "password"),
                ("/api/v1/users", {"email": "a@" + "b" * 254, "password": "p"}, "email"),
                ("/api/v1/users", {"email": "a\u0000@b", "password": "p"}, "email"),
                ("/api/v1/apikeys", {"name": ""}, "name"), ("/api/v1/apikeys", {"name": "\u2003 "}, "name"),
                ("/api/v1/apikeys", {"name": "x" * 101}, "name"), ("/api/v1/apikeys", {"name": line}, "name"),
                ("/api/v1/apikeys", {"name": "\U0001f41d" * 51}, "name"), ("/api/v1/apikeys", {"name": ["x"]}, "name"),
                ("/api/v1/invites", {"validityDays": 0}, "validityDays"),
                ("/api/v1/invites", {"validityDays": 31}, "validityDays"),
                ("/api/v1/invites", {"validityDays": 1.5}, "validityDays"),
                ("/api/v1/invites", {"validityDays": "seven"}, "validityDays"),
                ("/api/v1/invites", {"role": "Owner"}, "role"),
                ("/api/v1/destinations", {}, "url"), ("/api/v1/destinations", {"url": ""}, "url"),
                ("/api/v1/destinations", {"url": "hooks.example"}, "url"),
                ("/api/v1/destinations", {"url": "ftp://hooks.example"}, "url"),
                ("/api/v1/destinations", {"url": "https://"}, "url"),
                ("/api/v1/destinations", {"url": "https://hooks.example:99999/"}, "url"),
                ("/api/v1/destinations", {"url": "https://hooks.example/\u0000"}, "url"),
                ("/api/v1/destinations", {"url": "https://10.0.0.1/"}, "url"),
                ("/api/v1/destinations", {"url": url, "serverRateLimit": 0}, "serverRateLimit"),
                ("/api/v1/destinations", {"url": url, "serverRateLimit": 2 ** 31}, "serverRateLimit"),
                ("/api/v1/destinations", {"url": url, "serverRateLimit": "many"}, "serverRateLimit"),
                ("/api/v1/destinations", {"url": url, "authType": "BasicAuth"}, "credentials"),
                ("/api/v1/destinations", {"url": url, "credentials": {}}, "authType"),
                ("/api/v1/destinations", {"url": url, "authType": "Magic", "credentials": {}}, "authType"),
                ("/api/v1/destinations", {"url": url, "authType": 7, "credentials": {}}, "authType"),
                ("/api/v1/destinations", {"url": url, "authType": 1, "credentials": "secret"}, "credentials"),
                ("/api/v1/destinations", {"url": url, "authType": "ApiKey",
                                          "credentials": {"headerName": "X Y", "value": "v"}}, "headerName"),
                ("/api/v1/destinations", {"url": url, "authType": "ApiKey",
                                          "credentials": {"headerName": "X", "value": line}}, "value"),
                ("/api/v1/destinations", {"url": url, "authType": "BearerToken",
                                          "credentials": {"token": " "}}, "token"),
                ("/api/v1/destinations", {"url": url, "authType": "BearerToken",
                                          "credentials": {"token": "t" * 4097}}, "token"),
                ("/api/v1/destinations", {"url": url, "authType": "BasicAuth",
                                          "credentials": {"username": "a:b", "password": "p"}}, "username"),
                ("/api/v1/destinations", {"url": url, "authType": "JwtBearer", "credentials": {
                    "tokenEndpoint": "ftp://login.example", "clientId": "c", "clientSecret": "s"}}, "tokenEndpoint"),
                (f"/api/v1/destinations/{self.destination['id']}/senders", {"label": long}, "label"),
                (f"/api/v1/destinations/{self.destination['id']}/senders", {"label": line}, "label"),
                (f"/api/v1/tenants/{self.tenant.id}/webhook-secret", {"overlapSeconds": -1}, "overlapSeconds"),
                (f"/api/v1/tenants/{self.tenant.id}/webhook-secret/verify", {"payload": "x"}, "signature"),
                (f"/api/v1/tenants/{self.tenant.id}/webhook-secret/verify", {"signature": "x"}, "payload")]:
            with self.subTest(f"{path} {str(body)[:60]}"):
                self.assert_sentence(self.post(path, body), 400, word)
        for changes, word in [({"name": " "}, "name"), ({"name": long}, "name"), ({"maxTrys": 0}, "maxTrys"),
                              ({"circuitBreakerTimer": 0}, "circuitBreakerTimer"), ({"maxTrys": 2 ** 40}, "maxTrys")]:
            with self.subTest(changes):
                self.assert_sentence(self.post(f"/api/v1/tenants/{self.tenant.id}", changes, "PATCH"), 400, word)

    def test_payloads_and_mappings_keep_what_a_database_cannot(self):
        """NUL and lone surrogates are text to JSON and none to PostgreSQL."""
        for payload in [b'{"a":"\\u0000"}', b'{"\\u0000":1}', b'{"a":"\\ud800"}', b'{"a":1e999}', b'{"a":1,"a":2}']:
            with self.subTest(payload):
                self.assertEqual(self.tenant.ingest(self.destination, payload).status, 202)
        sender = self.tenant.sender(self.destination, {"id": "order"})
        for mapping in [b'{"a":"\\u0000"}', b'{"\\u0000":"a"}', b'{"a":"\\ud800"}', b'{"a":17}', b'{"a":null}', b"{}"]:
            with self.subTest(mapping):
                answer = self.post(f"/api/v1/senders/{sender['id']}/mapping", mapping)
                self.assertIn(answer.status, (200, 400))
                if answer.status == 200:
                    shown = self.ask("GET", f"/api/v1/senders/{sender['id']}/mapping")
                    self.assertEqual(shown.body, answer.body)
        for name in ["\ud800", "\u202e", "\u0001"]:
            with self.subTest(ascii(name)):
                self.assertIn(self.post("/api/v1/apikeys", {"name": f"x{name}"}).status, (201, 400))

    def test_heads_of_requests(self):
        login = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        for request, statuses in [
                # A server that gives up on a request may reset the connection, and its answer with it.
                (b"GET /health HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", (None, 431)),
                (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", (None, 414, 431)),
                (b"GET /health HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(5000)) + b"\r\n",
                 (None, 431)),
                (b"GET /health HTTP/1.1\r\n\r\n", (400,)), (b"GET /health HTTP/1.0\r\n\r\n", (200,)),
                (b"GET /health\x00 HTTP/1.1\r\nHost: x\r\n\r\n", (200, 400, 404)),
                (b"GET /health HTTP/1.1\r\nHost: x\r\nX\x00Y: 1\r\n\r\n", (200, 400)),
                (b"GET /health HTTP/1.1\r\nHost: x\r\n: 1\r\n\r\n", (200, 400)),
                (b"GET /health HTTP/9.9\r\nHost: x\r\n\r\n", (400, 505)),
                (login + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", (400,)),
                (login + b"Content-Length: -1\r\n\r\n{}", (400,)), (login + b"Content-Length: x\r\n\r\n{}", (400,)),
                (login + b"Content-Length: 99999999999999999999\r\n\r\n{}", (400, 413)),
                (login + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", (400,)),
                (login + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n\r\n", (400,)),
                (login + b"Content-Length: 100000000\r\n\r\n{}", (413,)),
                (b"GET /health HTTP/1.1\r\nHost: x\r\nX-Request-Id: \xff\xfe\r\nConnection: close\r\n\r\n", (200,))]:
            with self.subTest(request[:90]):
                answer = raw(self.server.port, request)
                status = int(answer.split(b" ", 2)[1]) if answer else None
                self.assertIn(status, statuses, answer[:300])
        self.assertEqual(self.ask("GET", "/health").status, 200)
