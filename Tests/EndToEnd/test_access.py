"""Who may do what, and whose: every route of the served document, with every role and with another tenant's ids.

The routes, their roles and their example bodies come from /openapi.json, so that a new route is walked as soon as it
is documented (and a route that is not documented fails ManagementAPITests).
"""
import http.client
import json
import re
import uuid

from support.client import Answer, Tenant, send
from support.conditions import eventually
from support.receiver import always
from support.scene import SceneTest

ROLES = ("Viewer", "Developer", "Admin", "Owner")
#: What a placeholder stands for, by the collection before it.
ROWS = {"tenants": "tenant", "users": "user", "destinations": "destination", "queues": "destination",
        "senders": "sender", "apikeys": "key", "invites": "invite", "events": "event",
        "notifications": "notification", "replays": "replay"}
#: What all tenants share, so that nobody is refused; with this name in place of the placeholder.
SHARED = {"plugins": "Fixed", "transformers": "Mapping"}


class Route:
    """One operation of the document."""

    def __init__(self, method, path, operation):
        for collection, name in SHARED.items():
            path = re.sub(rf"/{collection}/\{{\w+\}}", f"/{collection}/{name}", path)
        self.method, self.path, self.id = method.upper(), path, operation["operationId"]
        self.roles = operation.get("x-roles")
        self.query = [parameter["name"] for parameter in operation.get("parameters", [])
                      if parameter["in"] == "query" and parameter["schema"].get("format") == "uuid"]
        content = operation.get("requestBody", {}).get("content", {})
        self.body = content.get("application/json", {}).get("example")

    def __str__(self):
        return f"{self.method} {self.path}"

    def rows(self):
        """The kinds of rows that the path names; a kind that ROWS lacks is a failure with a sentence."""
        segments = self.path.split("/")
        named = [before for before, segment in zip(segments, segments[1:]) if segment.startswith("{")]
        missing = [name for name in named if name not in ROWS]
        if missing:
            raise AssertionError(f"{self} names a row of {missing[0]}: add it to ROWS and to Rows.make")
        return [ROWS[name] for name in named]

    def filled(self, ids):
        ids = iter([ids[kind] for kind in self.rows()])
        return re.sub(r"\{\w+\}", lambda _: next(ids), self.path)

    def order(self):
        """What takes something away comes last, so that the others find it."""
        return (self.id == "logOut", self.method == "DELETE", self.id == "deleteDestination",
                {"resumeReplay": 1, "cancelReplay": 2}.get(self.id, 0),
                -len(self.path))


class Member:
    """Somebody of a tenant, logged in."""

    def __init__(self, tenant, role, number):
        self.port, self.role = tenant.port, role
        self.email = f"{role.lower()}-{number}-{uuid.uuid4()}@example.com"
        password = f"battery staple {uuid.uuid4()}"
        made = tenant.call("POST", "/api/v1/users", 201, {"email": self.email, "password": password, "role": role})
        self.id = made["id"]
        answer = send(self.port, "POST", "/api/v1/auth/login",
                      json.dumps({"email": self.email, "password": password}), {"Content-Type": "application/json"})
        session = json.loads(answer.body)
        self.token, self.refresh_token = session["accessToken"], session["refreshToken"]

    def call(self, route, ids):
        # Everyone may change his own account: the rows are somebody else's.
        own = route.id == "updateUser"
        path = f"/api/v1/users/{self.id}" if own else route.filled(ids)
        body = {"email": self.email} if own else fresh(route.body)
        if route.id == "logOut":
            body = {"refreshToken": self.refresh_token}
        return request(self.port, route.method, path, self.token, body)


def fresh(body):
    """An example body with a name of its own wherever names are unique."""
    if isinstance(body, dict) and "email" in body:
        return {**body, "email": f"{uuid.uuid4()}@example.com"}
    if isinstance(body, dict) and str(body.get("url", "")).startswith("http"):
        return {**body, "url": f"https://{uuid.uuid4()}.example/in"}
    return body


def request(port, method, path, token, body=None):
    """Like `send`, but of a stream of events it takes the beginning alone."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        streams = response.headers.get_content_type() == "text/event-stream"
        return Answer(response.status, response.headers, b"" if streams else response.read())
    finally:
        connection.close()


class Rows:
    """A tenant with one row of everything; what is only his has the mark in it."""

    def __init__(self, test, mark):
        self.mark = mark
        self.tenant = tenant = Tenant(test.server.port, **test.tenant_settings)
        path = f"{test.path()}/{mark}"
        test.receiver.on(path, always(401))
        destination = tenant.destination(test.receiver.url(path))
        sender = tenant.sender(destination, {f"{mark}": "seq"})
        event = tenant.accept(destination, {"seq": mark})
        self.eventually_failed(event)
        user = tenant.call("POST", "/api/v1/users", 201, {"email": f"{mark}@example.com", "password": "secret words"})
        key = tenant.call("POST", "/api/v1/apikeys", 201, {"name": f"{mark}"})
        invite = tenant.call("POST", "/api/v1/invites", 201, {})
        revoked = tenant.call("POST", "/api/v1/apikeys", 201, {"name": f"{mark}"})
        tenant.call("DELETE", f"/api/v1/apikeys/{revoked['id']}")
        notification = tenant.call("GET", "/api/v1/notifications")["items"][0]
        replay = tenant.call("POST", "/api/v1/replays", 201, {"ratePerSecond": 1})
        tenant.call("POST", f"/api/v1/replays/{replay['id']}/pause")
        self.ids = {"tenant": tenant.id, "destination": destination["id"], "sender": sender["id"], "event": event,
                    "user": user["id"], "key": key["id"], "invite": invite["id"],
                    "notification": notification["id"], "replay": replay["id"]}
        self.secrets = [mark, *self.ids.values(), *tenant.secrets()]

    def eventually_failed(self, event):
        eventually(lambda: self.tenant.event(event)["status"] == "AuthenticationFailed", 20, "the event failed")

    def snapshot(self, routes):
        """What the tenant reads of these rows."""
        reads = [route for route in routes if route.method == "GET" and route.rows()]
        return {str(route): request(self.tenant.port, "GET", route.filled(self.ids), self.tenant.access_token).body
                for route in reads}


class AccessTest(SceneTest):
    # Two tenants and four members come from one address; the default allows five an hour.
    extra_environment = {"HOOKSENTRY_LIMITS_TENANTS_PER_ADDRESS": "100"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        document = json.loads(cls.server.get("/openapi.json")[1])
        routes = [Route(method, path, operation) for path, methods in document["paths"].items()
                  for method, operation in methods.items()]
        cls.routes = sorted((route for route in routes if route.roles is not None), key=Route.order)
        if len(cls.routes) < 34:
            raise AssertionError(f"the document has {len(cls.routes)} routes with roles; there were more")

    def test_every_role_on_every_route(self):
        rows = Rows(self, f"mark{uuid.uuid4().hex}")
        members = [Member(rows.tenant, role, number) for number, role in enumerate(ROLES)]
        for route in self.routes:
            statuses = {}
            # Those who may not come first: what they are refused is still there.
            for member in sorted(members, key=lambda member: member.role in route.roles):
                with self.subTest(str(route), role=member.role):
                    answer = member.call(route, rows.ids)
                    statuses[member.role] = answer.status
                    if member.role in route.roles:
                        self.assertNotIn(answer.status, (401, 403), answer.body)
                        self.assertLess(answer.status, 500, answer.body)
                    else:
                        self.assertEqual((answer.status, answer.body), (403, b""))
            with self.subTest(str(route)):
                self.assertTrue(any(statuses.get(role, 0) in range(200, 300) for role in route.roles),
                                f"no role got through; the example body may be refused: {statuses}")

    def test_another_tenants_ids_on_every_route(self):
        rows = Rows(self, f"mark{uuid.uuid4().hex}")
        stranger = Tenant(self.server.port)
        before = rows.snapshot(self.routes)
        unknown = {kind: str(uuid.uuid4()) for kind in rows.ids}
        for route in self.routes:
            if route.rows():
                self.walk(route, rows, stranger, unknown)
            elif route.method == "GET":
                self.read(route, rows, stranger)
        self.assertEqual(rows.snapshot(self.routes), before)

    def walk(self, route, rows, stranger, unknown):
        with self.subTest(str(route)):
            answer = request(stranger.port, route.method, route.filled(rows.ids), stranger.access_token,
                             fresh(route.body))
            self.assertEqual((answer.status, answer.body), (403, b""))
            self.assert_nothing_of(rows, answer)
        with self.subTest(str(route), row="unknown"):
            answer = request(stranger.port, route.method, route.filled(unknown), stranger.access_token,
                             fresh(route.body))
            # A tenant's own path is compared before anything is read.
            self.assertEqual(answer.status, 403 if route.rows() == ["tenant"] else 404)

    def read(self, route, rows, stranger):
        filters = [""] + [f"?{name}={id}" for name in route.query for id in rows.ids.values()]
        for query in filters:
            with self.subTest(str(route), query=query):
                answer = request(stranger.port, "GET", route.path + query, stranger.access_token)
                self.assertIn(answer.status, (200, 403, 404), answer.body)
                self.assert_nothing_of(rows, answer)

    def assert_nothing_of(self, rows, answer):
        said = answer.body + str(answer.headers).encode()
        for secret in rows.secrets:
            self.assertNotIn(secret.encode(), said)
