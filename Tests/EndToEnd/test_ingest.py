"""The accept path: what is answered, to whom, and once only for each idempotency key."""
import concurrent.futures
import json
import uuid

from support.client import send
from support.scene import SceneTest


class IngestTest(SceneTest):
    def setUp(self):
        self.destination = self.tenant.destination(self.receiver.url(self.path()))

    def ingest(self, body=b"{}", headers=None, path=None):
        headers = {"Content-Type": "application/json", "X-Api-Key": self.tenant.api_key, **(headers or {})}
        headers = {name: value for name, value in headers.items() if value is not None}
        return send(self.server.port, "POST", path or self.tenant.ingest_path(self.destination), body, headers)

    def test_an_accepted_event_is_announced(self):
        answer = self.ingest(b'{"a":1}')
        event = json.loads(answer.body)
        self.assertEqual((answer.status, event["status"]), (202, "Pending"))
        self.assertEqual(answer.headers["Location"], f"/api/v1/events/{event['eventId']}")
        self.assertRegex(event["acceptedAt"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_refusals(self):
        stranger = str(uuid.uuid4())
        token = self.destination["ingestToken"]
        cases = [
            ("no key", 401, {"headers": {"X-Api-Key": None}}),
            ("unknown key", 401, {"headers": {"X-Api-Key": "hks_" + "0" * 64}}),
            ("another tenant", 403, {"path": f"/api/v1/ingest/{stranger}/{token}"}),
            ("unknown token", 404, {"path": f"/api/v1/ingest/{self.tenant.id}/dst_{'0' * 64}"}),
            ("strange prefix", 400, {"path": f"/api/v1/ingest/{self.tenant.id}/xyz_{'0' * 64}"}),
            ("broken JSON", 400, {"body": b'{"a":'}),
            ("empty body", 400, {"body": b""}),
            ("too deep", 400, {"body": b'{"a":' * 100 + b"1" + b"}" * 100}),
            ("broken UTF-8", 400, {"body": b'{"a":"\xff"}'}),
            ("long idempotency key", 400, {"headers": {"X-Idempotency-Key": "k" * 256}}),
        ]
        for name, status, request in cases:
            with self.subTest(name):
                self.assertEqual(self.ingest(**request).status, status)

    def test_an_inactive_destination_is_refused(self):
        self.tenant.call("PATCH", f"/api/v1/destinations/{self.destination['id']}", 200, {"status": "inactive"})
        self.assertEqual(self.ingest().status, 422)

    def test_many_at_once_with_one_key_make_one_event(self):
        key = f"order-{uuid.uuid4()}"
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            answers = list(pool.map(
                lambda number: self.tenant.ingest(self.destination, {"seq": number}, key), range(48)))
        self.assertEqual(sorted(answer.status for answer in answers), [200] * 47 + [202])
        ids = {json.loads(answer.body)["eventId"] for answer in answers}
        self.assertEqual(len(ids), 1)
        self.assertEqual(self.tenant.final(ids.pop())["status"], "Succeeded")
        self.assertEqual(self.receiver.count(self.path()), 1)

    def test_a_repeat_tells_the_current_status(self):
        event_id = self.tenant.accept(self.destination, {"a": 1}, "once")
        self.tenant.final(event_id)
        answer = self.tenant.ingest(self.destination, {"something": "else"}, "once")
        self.assertEqual(answer.status, 200)
        self.assertEqual(json.loads(answer.body)["status"], "Succeeded")
        self.assertEqual(json.loads(answer.body)["eventId"], event_id)

    def test_a_revoked_key_stops_working(self):
        made = self.tenant.call("POST", "/api/v1/apikeys", 201, {"name": "short-lived"})
        headers = {"X-Api-Key": made["key"]}
        self.assertEqual(self.ingest(headers=headers).status, 202)
        self.tenant.call("DELETE", f"/api/v1/apikeys/{made['id']}", 200)
        self.assertEqual(self.ingest(headers=headers).status, 401)
