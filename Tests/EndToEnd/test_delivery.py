"""From an ingest POST to a signed, authenticated delivery, with each shipped authenticator and the mapping."""
import base64
import json
import threading
import urllib.parse

from support.receiver import Reply, always
from support.scene import SceneTest
from support.server import log_lines
from support.signatures import hooksentry_signature, standard_webhooks_signature

EXOTIC = (
    '{ "price" : 1.10,\t"big":12345678901234567890, "huge":1e400,"tiny":-0.0E-7,\n'
    ' "name":"Zo\\u00EB \\/ Ω 😀 \\ud83d\\ude00 \\u0000","":[ ], "dup":1,"dup":2, "nested":{"a":[1 , 2.50,[[]]]} }\n'
).encode()


class DeliveryTest(SceneTest):
    def deliver(self, payload=b'{"order":17}', expected="Succeeded", **settings):
        """Sends one event to this test's path and returns the event and the requests it caused."""
        destination = self.tenant.destination(self.receiver.url(self.path()), **settings)
        event = self.tenant.final(self.tenant.accept(destination, payload))
        self.assertEqual(event["status"], expected, self.tenant.attempts(event["id"]))
        return event, self.receiver.requests(self.path())

    def only(self, requests):
        self.assertEqual(len(requests), 1)
        return requests[0]

    def test_bytes_arrive_as_they_were_posted(self):
        event, requests = self.deliver(EXOTIC)
        request = self.only(requests)
        self.assertEqual(request.body, EXOTIC)
        self.assertEqual(event["payload"].encode(), EXOTIC)
        self.assertTrue(request.headers["content-type"].startswith("application/json"))

    def test_both_signatures_verify_independently(self):
        event, requests = self.deliver(EXOTIC)
        request = self.only(requests)
        secret = self.tenant.webhook_secret
        self.assertEqual(request.headers["x-hooksentry-signature"], hooksentry_signature(secret, EXOTIC))
        self.assertEqual(request.headers["webhook-id"], event["id"])
        expected = standard_webhooks_signature(
            secret, request.headers["webhook-id"], request.headers["webhook-timestamp"], EXOTIC)
        self.assertEqual(request.headers["webhook-signature"].split(), [expected])

    def test_the_verify_route_agrees(self):
        route = f"/api/v1/tenants/{self.tenant.id}/webhook-secret/verify"
        signature = hooksentry_signature(self.tenant.webhook_secret, b'{"a":1}')
        for payload, valid in [('{"a":1}', True), ('{"a":2}', False)]:
            answer = self.tenant.call("POST", route, 200, {"payload": payload, "signature": signature})
            self.assertIs(answer["valid"], valid)

    def test_api_key(self):
        _, requests = self.deliver(
            authType="ApiKey", credentials={"headerName": "X-Partner-Key", "value": "sesame-partner"})
        self.assertEqual(self.only(requests).headers["x-partner-key"], "sesame-partner")

    def test_bearer_token(self):
        _, requests = self.deliver(authType="BearerToken", credentials={"token": "sesame-bearer"})
        self.assertEqual(self.only(requests).headers["authorization"], "Bearer sesame-bearer")

    def test_basic_auth(self):
        _, requests = self.deliver(
            authType="BasicAuth", credentials={"username": "zoë", "password": "sesame:päss"})
        expected = base64.b64encode("zoë:sesame:päss".encode()).decode()
        self.assertEqual(self.only(requests).headers["authorization"], f"Basic {expected}")

    def test_jwt_bearer_fetches_one_token_for_many_events(self):
        token = self.receiver.on("/token/many", always(200, {"Content-Type": "application/json"}, json.dumps(
            {"access_token": "sesame-jwt", "token_type": "Bearer", "expires_in": 3600}).encode()))
        destination = self.tenant.destination(
            self.receiver.url(self.path()), authType="JwtBearer",
            credentials={"tokenEndpoint": token, "clientId": "us & them", "clientSecret": "sesame=1", "scope": "a b"})
        events = [self.tenant.accept(destination, {"seq": number}) for number in range(6)]
        for event_id in events:
            self.assertEqual(self.tenant.final(event_id)["status"], "Succeeded", self.tenant.attempts(event_id))
        for request in self.receiver.requests(self.path()):
            self.assertEqual(request.headers["authorization"], "Bearer sesame-jwt")
        fetch = self.only(self.receiver.requests("/token/many"))
        self.assertEqual(urllib.parse.parse_qs(fetch.body.decode(), strict_parsing=True), {
            "grant_type": ["client_credentials"], "client_id": ["us & them"], "client_secret": ["sesame=1"],
            "scope": ["a b"]})
        self.assertTrue(fetch.headers["content-type"].startswith("application/x-www-form-urlencoded"))

    def test_jwt_bearer_refreshes_once_on_401(self):
        lock, issued = threading.Lock(), []

        def issue(request):
            with lock:
                issued.append(f"sesame-{len(issued) + 1}")
                body = {"access_token": issued[-1], "expires_in": 3600}
            return Reply(200, {"Content-Type": "application/json"}, json.dumps(body).encode())

        def accept_second(request):
            return Reply(200 if request.headers["authorization"] == "Bearer sesame-2" else 401)

        token = self.receiver.on("/token/refresh", issue)
        self.receiver.on(self.path(), accept_second)
        event, requests = self.deliver(
            authType="JwtBearer", credentials={"tokenEndpoint": token, "clientId": "a", "clientSecret": "sesame-c"})
        self.assertEqual([r.headers["authorization"] for r in requests], ["Bearer sesame-1", "Bearer sesame-2"])
        self.assertEqual(len(self.tenant.attempts(event["id"])), 1)

    def test_mapping_copies_values_byte_for_byte(self):
        destination = self.tenant.destination(self.receiver.url(self.path()))
        sender = self.tenant.sender(destination, {
            "id": "order:id", "price": "order:price", "first": "items[0]:sku", "total": "order:price+tax",
            "tags": ["order:id", "missing"], "nobody": "nowhere"})
        payload = b'{"order":{"id":"Z\\u00eb","price":1.10},"tax":0,"items":[{"sku":12345678901234567890}]}'
        event_id = self.tenant.accept(sender, payload)
        self.assertEqual(self.tenant.final(event_id)["status"], "Succeeded")
        body = self.only(self.receiver.requests(self.path())).body
        self.assertIn(b'"price":1.10', body)
        self.assertIn(b'"first":12345678901234567890', body)
        mapped = json.loads(body)
        self.assertEqual((mapped["id"], mapped["tags"]), ("Zë", ["Zë", None]))
        self.assertAlmostEqual(mapped["total"], 1.1)
        self.assertNotIn("nobody", mapped)
        self.assertEqual(self.tenant.event(event_id)["payload"].encode(), body)

    def test_every_attempt_is_recorded(self):
        event, _ = self.deliver(authType="BearerToken", credentials={"token": "sesame-recorded"})
        attempt = self.only(self.tenant.attempts(event["id"]))
        text = json.dumps(attempt)
        self.assertIn("200", text)
        self.assertNotIn("sesame-recorded", text)

    def test_zz_no_secret_reaches_the_log(self):
        """Named to come last: the log holds what the tests above caused."""
        self.deliver(b'{"marker":"payload-never-logged"}', authType="BearerToken",
                     credentials={"token": "sesame-logged"})
        log = self.server.log()
        self.assertGreater(len(log_lines(log)), 0)
        for secret in [*self.tenant.secrets(), "sesame", "payload-never-logged", "dst_", "sndr_"]:
            self.assertNotIn(secret, log)
        metrics = self.server.get("/metrics")[1]
        for secret in [*self.tenant.secrets(), "sesame"]:
            self.assertNotIn(secret, metrics)
