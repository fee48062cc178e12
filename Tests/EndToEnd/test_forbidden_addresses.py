"""Requests of tenants and plugins never reach a forbidden address, whatever a URL or a name server says.

127.0.0.2 stands for the internet: it alone is opened. Everything else of this machine is forbidden, and traps listen
there, on the same port. Not even a connection may come to them.
"""
import json
import pathlib
import socket
import subprocess
import tempfile

from support.client import send
from support.conditions import eventually
from support.listener import Listener
from support.receiver import Receiver, Reply, always
from support.scene import SOON, SceneTest

OPEN = "127.0.0.2"
SOURCE = pathlib.Path(__file__).parent / "support" / "resolver.c"


class Trap:
    """Listens where nothing may ever come."""

    def __init__(self, family, host, port):
        self.came = 0
        self.close = Listener(self._count, host, port, family).close

    def _count(self, connection):
        self.came += 1
        connection.close()


class ForbiddenAddressesTest(SceneTest):
    tenant_settings = {"maxTrys": 1, "circuitBreakerTimer": 1}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="hooksentry-resolver.")
        cls.addClassCleanup(folder.cleanup)
        library = f"{folder.name}/resolver.so"
        subprocess.run(["cc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-o", library,
                        str(SOURCE), "-ldl"], check=True)
        cls.answers = pathlib.Path(folder.name, "answers")
        cls.answers.write_text("")
        cls.extra_environment = {"HOOKSENTRY_ALLOWED_CIDRS": f"{OPEN}/32", "LD_PRELOAD": library,
                                 "RESOLVER_ANSWERS": str(cls.answers)}
        super().setUpClass()
        cls.internet = Receiver(OPEN)
        cls.addClassCleanup(cls.internet.close)
        cls.port = cls.internet.port
        cls.traps = [Trap(socket.AF_INET, "127.0.0.1", cls.port), Trap(socket.AF_INET6, "::1", cls.port)]
        for trap in cls.traps:
            cls.addClassCleanup(trap.close)

    def tearDown(self):
        self.assertEqual([trap.came for trap in self.traps], [0, 0], "a request came to a forbidden address")

    def resolve(self, name, *answers):
        """Gives a name to the resolver; the URL of this test's path there."""
        with self.answers.open("a") as file:
            print(name, *answers, file=file)
        return f"http://{name}:{self.port}{self.path()}"

    def asked(self, name):
        return pathlib.Path(f"{self.answers}.asked").read_text().split().count(name)

    def deliver(self, url, **settings):
        """The attempt of an event for this URL."""
        destination = self.tenant.destination(url, retryPolicy=SOON, **settings)
        event_id = self.tenant.accept(destination, {"a": 1})
        self.tenant.final(event_id)
        [attempt] = self.tenant.attempts(event_id)
        return attempt

    def assert_blocked(self, attempt, *words):
        self.assertEqual(attempt["outcome"], "address_blocked", attempt)
        for word in words:
            self.assertIn(word, attempt["error"])

    def test_the_traps_would_tell(self):
        with socket.create_connection(("127.0.0.1", self.port)):
            eventually(lambda: self.traps[0].came == 1, 10, "the trap noticed")
        self.traps[0].came = 0
        attempt = self.deliver(self.resolve("good.test", OPEN))
        self.assertEqual((attempt["outcome"], self.asked("good.test")), ("succeeded", 1), attempt)
        self.assertEqual(self.internet.count(self.path()), 1)

    def test_urls_that_name_a_forbidden_address_in_disguise(self):
        """Refused when they are saved, or when the connection would be opened."""
        port, known = self.port, f"known.test:{self.port}"
        self.resolve("known.test", OPEN)
        hosts = ["127.0.0.1", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1", "0x7f000001", "2130706433",
                 "017700000001", "127.0.0.1.", "0", "0.0.0.0", "00", "0x0", "[::1]", "[::]",
                 "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:0:0:1]",
                 "[::1%25lo]", "[::1%lo]", "[::1%251]", "[64:ff9b::127.0.0.1]",
                 "[64:ff9b:1::127.0.0.1]", "[2002:7f00:1::]", "[2001:0:7f00:1::1]", "[fe80::5efe:127.0.0.1]",
                 "[2001:db9::5efe:127.0.0.1]", "[::ffff:0:127.0.0.1]", "localhost", "LOCALHOST", "localhost.",
                 "x.localhost", "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "127.0.0.1%2f", "127.0.0.1%00",
                 "\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021", "\u2460\u2461\u2466.0.0.1",
                 "\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54", "127.0.0.1\u00ad",
                 "169.254.169.254", "10.0.0.1", "192.168.0.1", "172.16.0.1", "100.64.0.1", "[fd00::1]", "[fec0::1]",
                 "[ff02::1]", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.0.8"]
        urls = [f"http://{host}:{port}/" for host in hosts]
        urls += [f"http://{form}" for form in [
            f"{known}@127.0.0.1:{port}/", f"good:{port}@127.0.0.1:{port}/", f"{known}\\@127.0.0.1:{port}/",
            f"127.0.0.1:{port}\\@{known}/", f"127.0.0.1:{port}#@{known}/", f"127.0.0.1:{port}?@{known}/",
            f"127.0.0.1:{port};@{known}/", f"{known}@@127.0.0.1:{port}/", f"a@{known}@127.0.0.1:{port}/",
            f"{known}%40127.0.0.1:{port}/", f"{known}%23@127.0.0.1:{port}/", f"127.0.0.1:{port}\t@{known}/",
            f"127.0.0.1\t:{port}/", f"\t127.0.0.1:{port}/", f" 127.0.0.1:{port}/", f"127.0.0.1:{port}\\/",
            f"\\127.0.0.1:{port}/", f"/127.0.0.1:{port}/", f"[127.0.0.1]:{port}/", f"[::1]{port}/", f"[::1:{port}/",
            f"127.0.0.1:{port}:{port}/", f"127.0.0.1: {port}/", f"127.0.0.1:+{port}/", f"127.0.0.1:00{port}/"]]
        urls += [f"http:/127.0.0.1:{port}/", f"http:127.0.0.1:{port}/", f"//127.0.0.1:{port}/",
                 f"HTTP://127.0.0.1:{port}/", "file:///etc/passwd", f"gopher://127.0.0.1:{port}/_x",
                 f"http+unix://127.0.0.1:{port}/", f"dict://127.0.0.1:{port}/x", f"ftp://127.0.0.1:{port}/"]
        refused, tried = [], []
        for url in urls:
            body = json.dumps({"url": url, "retryPolicy": SOON})
            answer = send(self.server.port, "POST", "/api/v1/destinations", body, {
                "Content-Type": "application/json", "Authorization": f"Bearer {self.tenant.access_token}"})
            self.assertIn(answer.status, (201, 400), (url, answer.body))
            if answer.status == 400:
                refused.append(url)
                self.assertIn("url", json.loads(answer.body))
            else:
                tried.append((url, self.tenant.accept(json.loads(answer.body), {"a": 1})))
        for url, event_id in tried:
            with self.subTest(url):
                # A name that no resolver knows, or the open address with something around it.
                self.tenant.final(event_id)
        # Most are so plain that nobody has to wait for an attempt to hear of them.
        self.assertGreater(len(refused), 70, [url for url, _ in tried])

    def test_names_that_lead_to_forbidden_addresses(self):
        for number, answer in enumerate([
                "127.0.0.1", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "0.0.0.0", "::", "64:ff9b::7f00:1",
                "64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::1", "fe80::5efe:7f00:1", "2001:4860::5efe:7f00:1",
                "2001:4860::200:5efe:7f00:1", "169.254.169.254", "10.0.0.1", "fd00:ec2::254", "100.100.100.200",
                "127.0.0.1,::1,::ffff:127.0.0.1,0.0.0.0"]):
            with self.subTest(answer):
                name = f"bad-{number}.test"
                self.assert_blocked(self.deliver(self.resolve(name, answer)), name)
                self.assertGreaterEqual(self.asked(name), 1)

    def test_an_answer_with_a_forbidden_and_an_open_address(self):
        attempt = self.deliver(self.resolve("mixed.test", f"127.0.0.1,::1,{OPEN}"))
        self.assertIn(attempt["outcome"], ("succeeded", "address_blocked"))
        self.assertEqual(self.internet.count(self.path()), 1 if attempt["outcome"] == "succeeded" else 0)

    def test_a_name_that_moves_between_two_requests(self):
        """Rebinding: whoever asks first hears of the open address, whoever asks again of a forbidden one."""
        url = self.resolve("moving.test", OPEN, "127.0.0.1")
        # libcurl remembers names, in several places by destination: so there are enough of them to ask again.
        attempts = [self.deliver(f"{url}/{number}") for number in range(24)]
        asked = self.asked("moving.test")
        self.assertGreater(asked, 1)
        outcomes = [attempt["outcome"] for attempt in attempts]
        self.assertEqual(set(outcomes), {"succeeded", "address_blocked"})
        arrived = sum(self.internet.count(f"{self.path()}/{number}") for number in range(24))
        self.assertEqual(arrived, outcomes.count("succeeded"))

    def test_a_kept_connection_stays_where_it_is(self):
        """What was checked was the address of the connection, and a connection cannot move with its name."""
        before = self.internet.accepted_connections
        destination = self.tenant.destination(self.resolve("kept.test", OPEN, "127.0.0.1"), serverRateLimit=1)
        for number in range(5):
            event_id = self.tenant.accept(destination, {"seq": number})
            self.assertEqual(self.tenant.final(event_id)["status"], "Succeeded")
        self.assertEqual((self.asked("kept.test"), self.internet.accepted_connections - before), (1, 1))
        self.assertEqual(self.internet.count(self.path()), 5)

    def test_redirects_are_not_followed(self):
        for status in (301, 302, 303, 307, 308):
            for place in (f"http://127.0.0.1:{self.port}/", f"http://[::1]:{self.port}/", f"//127.0.0.1:{self.port}/",
                          "/elsewhere"):
                path = f"{self.path()}/{status}{len(place)}"
                self.internet.on(path, always(status, {"Location": place, "Refresh": f"0; url={place}",
                                                       "Alt-Svc": f'h2="127.0.0.1:{self.port}"'}))
                attempt = self.deliver(f"http://{OPEN}:{self.port}{path}")
                self.assertEqual((attempt["outcome"], attempt["httpStatus"]), ("http_status", status), attempt)
        self.assertEqual(self.internet.count("/elsewhere"), 0)

    def test_token_requests_of_plugins(self):
        token = Reply(200, {"Content-Type": "application/json"}, b'{"access_token":"t","expires_in":60}')
        self.internet.on("/token", lambda request: token)
        self.internet.on("/moved", always(307, {"Location": f"http://127.0.0.1:{self.port}/token"}))
        target = f"http://{OPEN}:{self.port}{self.path()}"

        def settings(endpoint, kind):
            client = {"tokenEndpoint": endpoint, "clientId": "c", "clientSecret": "sesame-for-tokens"}
            return {"authType": kind, "credentials": client} if kind == "JwtBearer" else {
                "authenticator": {"plugin": kind, "settings": client}}

        def fetch(endpoint, kind):
            """The attempt; None if such settings are refused."""
            body = json.dumps({"url": target, "retryPolicy": SOON, **settings(endpoint, kind)})
            answer = send(self.server.port, "POST", "/api/v1/destinations", body, {
                "Content-Type": "application/json", "Authorization": f"Bearer {self.tenant.access_token}"})
            if answer.status == 400:
                self.assertIn("tokenEndpoint", json.loads(answer.body))
                return None
            event_id = self.tenant.accept(json.loads(answer.body), {"a": 1})
            self.tenant.final(event_id)
            [attempt] = self.tenant.attempts(event_id)
            return attempt

        for kind in ("JwtBearer", "OAuth2"):
            self.assertEqual(fetch(f"http://{OPEN}:{self.port}/token", kind)["outcome"], "succeeded")
        self.assertEqual(self.internet.count(self.path()), 2)
        for kind in ("JwtBearer", "OAuth2"):
            for number, endpoint in enumerate([
                    f"http://127.0.0.1:{self.port}/token", f"http://[::1]:{self.port}/token",
                    f"http://0x7f.1:{self.port}/token", f"http://{OPEN}@127.0.0.1:{self.port}/token",
                    self.resolve(f"token-{kind.lower()}.test", "127.0.0.1"),
                    f"http://{OPEN}:{self.port}/moved"]):
                with self.subTest(kind=kind, endpoint=endpoint):
                    attempt = fetch(endpoint, kind)
                    self.assertNotEqual(attempt and attempt["outcome"], "succeeded", attempt)
        self.assertEqual((self.asked("token-jwtbearer.test"), self.asked("token-oauth2.test")), (1, 1))
        self.assertEqual(self.internet.count(self.path()), 2)
