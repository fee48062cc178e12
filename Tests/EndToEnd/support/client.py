"""A client of the public API, as a user would write one."""
import collections
import http.client
import json
import uuid

from . import secrets
from .conditions import eventually

Answer = collections.namedtuple("Answer", "status headers body")
FINAL = {"Succeeded", "CriticalFailure", "AuthenticationFailed", "Cancelled"}


def send(port, method, path, body=None, headers=None, timeout=30):
    secrets.remember_headers(headers, path)
    secrets.remember_body(body, path)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        secrets.remember_body(answer.body, path)
        return answer
    finally:
        connection.close()


class Tenant:
    """A tenant with its owner logged in and an API key."""

    def __init__(self, port, **settings):
        self.port = port
        self.password = f"correct horse {uuid.uuid4()}"
        name = f"Tenant {uuid.uuid4()}"
        self.email = f"owner-{uuid.uuid4()}@example.com"
        made = self._json("POST", "/api/v1/tenants", 201, {
            "name": name, "ownerEmail": self.email, "ownerPassword": self.password, **settings})
        self.id = made["tenantId"]
        self.webhook_secret = made["webhookSecret"]
        session = self.log_in()
        self.access_token = session["accessToken"]
        self.refresh_token = session["refreshToken"]
        self.api_key = self.call("POST", "/api/v1/apikeys", 201, {"name": "end to end"})["key"]

    def log_in(self):
        """A session of its own for the owner."""
        return self._json("POST", "/api/v1/auth/login", 200, {"email": self.email, "password": self.password})

    def _json(self, method, path, expected, body=None, headers=None):
        answer = send(self.port, method, path, None if body is None else json.dumps(body),
                      {"Content-Type": "application/json", **(headers or {})})
        if answer.status != expected:
            raise AssertionError(f"{method} {path} answered {answer.status} instead of {expected}: {answer.body!r}")
        return json.loads(answer.body) if answer.body else None

    def call(self, method, path, expected=200, body=None):
        """A management request; fails on any other status than the expected one."""
        return self._json(method, path, expected, body, {"Authorization": f"Bearer {self.access_token}"})

    def destination(self, url, **settings):
        """A destination as the API returns it, with its `ingestToken`."""
        return self.call("POST", "/api/v1/destinations", 201, {"url": url, **settings})

    def reload(self, destination):
        """The destination as it is now."""
        return self.call("GET", f"/api/v1/destinations/{destination['id']}")

    def sender(self, destination, mapping):
        sender = self.call("POST", f"/api/v1/destinations/{destination['id']}/senders", 201, {"label": "upstream"})
        self.call("POST", f"/api/v1/senders/{sender['id']}/mapping", 200, mapping)
        return sender

    def ingest_path(self, target):
        return f"/api/v1/ingest/{self.id}/{target['ingestToken']}"

    def ingest(self, target, payload, key=None, port=None):
        """Posts a payload (bytes, or a value to be written as JSON) to a destination or sender."""
        headers = {"Content-Type": "application/json", "X-Api-Key": self.api_key}
        if key is not None:
            headers["X-Idempotency-Key"] = key
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return send(port or self.port, "POST", self.ingest_path(target), body, headers)

    def accept(self, target, payload, key=None):
        """Ingests and expects 202; the event's id."""
        answer = self.ingest(target, payload, key)
        if answer.status != 202:
            raise AssertionError(f"ingest answered {answer.status}: {answer.body!r}")
        return json.loads(answer.body)["eventId"]

    def event(self, event_id):
        return self.call("GET", f"/api/v1/events/{event_id}")

    def attempts(self, event_id):
        listed = self.call("GET", f"/api/v1/events/{event_id}/attempts")
        return listed["items"] if isinstance(listed, dict) else listed

    def final(self, event_id, limit=20):
        """Waits until the event is in a final state and returns it."""
        def settled():
            event = self.event(event_id)
            return event if event["status"] in FINAL else None
        return eventually(settled, limit, lambda: f"event settled: {self.event(event_id)}, {self.attempts(event_id)}")

    def total(self, status):
        """How many of the tenant's events are in this state."""
        return self.call("GET", f"/api/v1/events?Status={status}&Qt=1&Pg=1")["total"]

    def unfinished(self):
        return sum(self.total(status) for status in ("Pending", "Processing", "WaitingRetry"))

    def secrets(self):
        return [self.password, self.webhook_secret, self.access_token, self.refresh_token, self.api_key]
