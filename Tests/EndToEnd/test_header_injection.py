"""Nothing that a tenant or a client writes starts a header line of its own on the way to a destination.

Every text that may end up in a header is tried with line ends and control characters: it is refused with a sentence
that names it, or what the destination receives, byte for byte, has no line that is not ours.
"""
import json
import re
import uuid

from support.client import send
from support.conditions import eventually
from support.listener import Listener
from support.scene import SOON, SceneTest
from support.wire import raw, statuses

#: Behind what they break out of comes a header that must not arrive.
BREAKS = ["\r\n", "\n", "\r", "\0", "\r\n ", "\u0085", "\u2028", "\x0b", "\u560d\u560a"]
MARK = "X-Injected: 1"
LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+: ?[^\x00-\x08\x0a-\x1f\x7f]*")


class RawReceiver:
    """Keeps every byte of every request's head, and answers each 200."""

    def __init__(self):
        self.heads = []
        listener = Listener(self._serve)
        self.port = listener.port
        self.close = listener.close

    def _serve(self, connection):
        with connection:
            received = b""
            while part := connection.recv(65536):
                received += part
                head, end, body = received.partition(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: (\d+)", head)
                if end and len(body) >= int(length.group(1) if length else 0):
                    self.heads.append(head)
                    token = b'{"access_token":"t","expires_in":60}'
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                                       b"Content-Length: %d\r\n\r\n" % len(token) + token)
                    return


class HeaderInjectionTest(SceneTest):
    tenant_settings = {"maxTrys": 1, "circuitBreakerTimer": 1}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.raw = RawReceiver()
        cls.addClassCleanup(cls.raw.close)
        cls.url = f"http://127.0.0.1:{cls.raw.port}/in"

    def ask(self, method, path, body):
        answer = send(self.server.port, method, path, json.dumps(body), {
            "Content-Type": "application/json", "Authorization": f"Bearer {self.tenant.access_token}"})
        self.assertLess(answer.status, 500, answer.body)
        return answer

    def assert_clean(self, heads):
        for head in heads:
            start, *lines = head.split(b"\r\n")
            self.assertRegex(start, rb"^(POST|GET) /[^\x00-\x20\x7f]* HTTP/1\.1$")
            for line in lines:
                self.assertTrue(LINE.fullmatch(line), (line, head))
                self.assertFalse(line.lower().startswith(b"x-injected"), head)

    def deliver(self, destination, headers=None):
        """What the destination receives of an event; nothing if the attempt failed before."""
        before = len(self.raw.heads)
        event_id = self.tenant.accept(destination, {"a": 1})
        self.tenant.final(event_id)
        return self.raw.heads[before:]

    def plugins(self):
        """Name and settings of every authenticator, as its schema has them for an example."""
        listed = self.tenant.call("GET", "/api/v1/plugins?Kind=authenticator&Qt=200")
        for plugin in listed["items"] if isinstance(listed, dict) else listed:
            if plugin["kind"] == "authenticator":
                schema = plugin["settingsSchema"]
                rules = schema.get("properties", {})
                made = {name: rules[name].get("examples", ["https://login.example.com/token"])[0]
                        for name in schema.get("required", []) if rules[name]["type"] == "string"}
                yield plugin["name"], schema.get("examples", [made])[0]

    def test_settings_of_every_authenticator(self):
        """Each text of each plugin's settings, with each break."""
        names, refused, delivered = set(), 0, 0
        for name, settings in self.plugins():
            names.add(name)
            settings = json.loads(json.dumps(settings).replace(
                "https://login.example.com", f"http://127.0.0.1:{self.raw.port}"))
            for field, value in settings.items():
                if not isinstance(value, str):
                    continue
                for broken in BREAKS:
                    body = {"url": self.url, "retryPolicy": SOON, "authenticator": {
                        "plugin": name, "settings": {**settings, field: f"{value}{broken}{MARK}"}}}
                    answer = self.ask("POST", "/api/v1/destinations", body)
                    with self.subTest(plugin=name, field=field, broken=broken):
                        if answer.status == 400:
                            refused += 1
                            self.assertIsInstance(json.loads(answer.body), str)
                        else:
                            self.assertEqual(answer.status, 201, answer.body)
                            delivered += 1
                            self.assert_clean(self.deliver(json.loads(answer.body)))
        self.assertGreaterEqual(names, {"ApiKey", "BearerToken", "BasicAuth", "JwtBearer", "OAuth2", "Hmac"})
        self.assertGreater(refused, 50, (refused, delivered))
        self.assertGreater(delivered, 5, (refused, delivered))

    def test_urls_labels_and_names(self):
        for broken in BREAKS:
            for url in (f"{self.url}{broken}X-Injected:1", f"{self.url}?a={broken}X-Injected:1",
                        f"http://user{broken}:x@127.0.0.1:{self.raw.port}/"):
                answer = self.ask("POST", "/api/v1/destinations", {"url": url, "retryPolicy": SOON})
                with self.subTest(url):
                    if answer.status == 201:
                        self.assertFalse(url.isascii())  # No line ends to anybody who speaks HTTP.
                        self.assert_clean(self.deliver(json.loads(answer.body)))
                        continue
                    self.assertEqual(answer.status, 400, answer.body)
                    self.assertIn("url", json.loads(answer.body))
        escaped = self.tenant.destination(f"{self.url}%0d%0aX-Injected:%201?b=%0aX-Injected:1", retryPolicy=SOON)
        [head] = self.deliver(escaped)
        self.assert_clean([head])
        self.assertIn(b"/in%0d%0aX-Injected:%201?b=%0aX-Injected:1 HTTP/1.1", head)
        destination = self.tenant.destination(self.url, retryPolicy=SOON)
        path = f"/api/v1/destinations/{destination['id']}/senders"
        for broken in ("\r\n", "\n", "\r", "\0"):
            answer = self.ask("POST", path, {"label": f"upstream{broken}{MARK}"})
            self.assertEqual(answer.status, 400, answer.body)
            self.assertIn("label", json.loads(answer.body))
        sender = json.loads(self.ask("POST", path, {"label": f"upstream\u2028{MARK}\u00e9"}).body)
        self.tenant.call("POST", f"/api/v1/senders/{sender['id']}/mapping", 200, {"a": "a"})
        heads = self.deliver(sender)
        self.assertEqual(len(heads), 1)
        self.assert_clean(heads)

    def test_headers_of_events(self):
        """Keys, types and traces travel with an event. Their bytes are ours to choose on a raw socket."""
        destination = self.tenant.destination(self.url, retryPolicy=SOON)
        path = self.tenant.ingest_path(destination).encode()
        trace = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        accepted = 0
        before = len(self.raw.heads)
        for broken in (b"\r\n ", b"\r\n\t", b"\n ", b"\r", b"\x00", b"\x0b", b"\x7f", b"\x01", b"\xff", b"\xc2\x85",
                       b"\xe5\x98\x8d\xe5\x98\x8a", b"\xe2\x80\xa8", b"%0d%0a", b"\\r\\n"):
            for name, value in ((b"X-Idempotency-Key", uuid.uuid4().hex.encode()), (b"traceparent", trace),
                                (b"Content-Type", b"application/json; charset=utf-8; a=b"), (b"X-Request-Id", b"id"),
                                (b"User-Agent", b"agent"), (b"tracestate", b"a=b")):
                given = {b"Host": b"x", b"X-Api-Key": self.tenant.api_key.encode(), b"Connection": b"close",
                         b"Content-Type": b"application/json", b"Content-Length": b"7"}
                given[name] = value + broken + MARK.encode()
                request = b"POST " + path + b" HTTP/1.1\r\n" + b"".join(
                    b"%s: %s\r\n" % line for line in given.items()) + b"\r\n" + b'{"a":1}'
                with self.subTest(name=name, broken=broken):
                    answer = raw(self.server.port, request, patience=10)
                    [status] = statuses(answer)
                    self.assertIn(status, (202, 400, 415), answer)
                    self.assertNotIn(b"\r\nx-injected", answer.lower())
                    accepted += status == 202
        self.assertGreater(accepted, 20)
        eventually(lambda: len(self.raw.heads) - before == accepted, 20, "all events arrived")
        self.assert_clean(self.raw.heads[before:])
