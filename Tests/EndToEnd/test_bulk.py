"""Batches in, bulk replays, test events and previews."""
import collections
import json

from support.client import send
from support.conditions import eventually
from support.receiver import always
from support.scene import SOON, SceneTest, say


class BatchTest(SceneTest):
    def post(self, target, body, key=None):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = send(self.server.port, "POST", self.tenant.ingest_path(target) + "/batch", body,
                      {"Content-Type": "application/json", "X-Api-Key": key or self.tenant.api_key})
        return answer.status, json.loads(answer.body) if answer.body else None

    def test_a_thousand_payloads_arrive_byte_for_byte(self):
        destination = self.tenant.destination(self.receiver.on(self.path(), always(200)), serverRateLimit=50)
        payloads = [b'{"seq": %d, "amount":1.10,"e": 1e400, "s":"\\u00fc\xc3\xbc" }' % n for n in range(1000)]
        status, answer = self.post(destination, b"[" + b" ,\n".join(payloads) + b"]")
        self.assertEqual(status, 200, answer)
        self.assertEqual((answer["accepted"], answer["duplicates"], answer["refused"]), (1000, 0, 0))
        self.assertEqual({result["code"] for result in answer["results"]}, {202})
        eventually(lambda: self.receiver.unique(self.path()) == 1000, 60, lambda: self.receiver.unique(self.path()))
        self.assertEqual(collections.Counter(r.body for r in self.receiver.requests(self.path())),
                         collections.Counter(payloads))
        event = self.tenant.event(answer["results"][17]["eventId"])
        self.assertEqual(event["payload"].encode(), payloads[17])
        self.assertEqual(event["acceptedAt"], answer["results"][999]["acceptedAt"])

    def test_keys_count_for_each_event_and_a_repeat_of_the_batch_stores_nothing(self):
        destination = self.tenant.destination(self.receiver.on(self.path(), always(200)))
        batch = {"events": [{"payload": {"seq": n}, "idempotencyKey": f"order-{n}"} for n in range(5)]}
        first = self.post(destination, batch)[1]
        batch["events"][3]["payload"]["seq"] = 99
        batch["events"] += [{"payload": [1]}, {"payload": {"seq": 5}, "idempotencyKey": "order-5"}]
        status, second = self.post(destination, batch)
        self.assertEqual(status, 200)
        self.assertEqual([result["code"] for result in second["results"]], [200] * 5 + [400, 202])
        self.assertEqual([result.get("eventId") for result in second["results"]][:5],
                         [result["eventId"] for result in first["results"]])
        self.assertEqual([n for n, result in enumerate(second["results"]) if result.get("payloadDiffers")], [3])
        eventually(lambda: self.receiver.count(self.path()) == 6, 20, lambda: self.receiver.count(self.path()))

    def test_limits_and_errors(self):
        destination = self.tenant.destination(self.receiver.url(self.path()))
        self.assertEqual(self.post(destination, [{}] * 1001)[0], 400)
        self.assertEqual(self.post(destination, b"[{}")[0], 400)
        self.assertEqual(self.post(destination, [{}], key="hks_unknown")[0], 401)
        self.assertEqual(self.post({"ingestToken": "dst_unknown"}, [{}])[0], 404)
        self.assertEqual(self.tenant.call(
            "GET", f"/api/v1/events?DestinationUrlId={destination['id']}")["total"], 0)

    def test_a_key_counts_for_one_destination(self):
        first, second = (self.tenant.destination(self.receiver.on(f"{self.path()}/{n}", always(200))) for n in (1, 2))
        ids = {self.tenant.accept(target, {"a": 1}, key="order-17") for target in (first, second)}
        self.assertEqual(len(ids), 2)
        repeat = self.tenant.ingest(first, {"a": 2}, key="order-17")
        self.assertEqual(repeat.status, 200)
        body = json.loads(repeat.body)
        self.assertIn(body["eventId"], ids)
        self.assertTrue(body["payloadDiffers"])
        self.assertNotIn("payloadDiffers", json.loads(self.tenant.ingest(first, {"a": 1}, key="order-17").body))


class TestEventTest(SceneTest):
    extra_environment = {"HOOKSENTRY_LIMITS_TEST_EVENTS_PER_MINUTE": "3"}

    def test_a_test_event_goes_the_ordinary_way_and_is_marked(self):
        destination = self.tenant.destination(self.receiver.on(self.path(), always(200)))
        path = f"/api/v1/destinations/{destination['id']}/test"
        made = self.tenant.call("POST", path, 202)
        event = self.tenant.final(made["eventId"])
        self.assertEqual((event["status"], event["test"]), ("Succeeded", True))
        request = self.receiver.requests(self.path())[0]
        self.assertEqual(request.headers["x-hooksentry-test"], "true")
        self.assertEqual(json.loads(request.body)["type"], "hooksentry.test")
        self.assertIn("webhook-signature", request.headers)
        self.assertEqual(len(self.tenant.attempts(made["eventId"])), 1)

        own = send(self.server.port, "POST", path, b'{"payload": {"n": 1.10 }}', {
            "Content-Type": "application/json", "Authorization": f"Bearer {self.tenant.access_token}"})
        self.tenant.final(json.loads(own.body)["eventId"])
        self.assertEqual(self.receiver.requests(self.path())[1].body, b'{"n": 1.10 }')
        ordinary = self.tenant.final(self.tenant.accept(destination, {"a": 1}))
        self.assertFalse(ordinary["test"])
        self.assertNotIn("x-hooksentry-test", self.receiver.requests(self.path())[2].headers)

        self.tenant.call("POST", path, 202)
        refused = send(self.server.port, "POST", path, None, {
            "Authorization": f"Bearer {self.tenant.access_token}"})
        self.assertEqual(refused.status, 429)
        self.assertGreaterEqual(int(refused.headers["Retry-After"]), 1)


class PreviewTest(SceneTest):
    def test_a_mapping_is_tried_without_being_stored(self):
        destination = self.tenant.destination(self.receiver.url(self.path()))
        sender = self.tenant.sender(destination, {"id": "order:id", "total": "net + tax"})
        path = f"/api/v1/senders/{sender['id']}/mapping/preview"
        raw = b'{"payload": {"order": {"id": 12345678901234567890}, "net": 1.10, "tax": 0.20}}'
        answer = send(self.server.port, "POST", path, raw, {
            "Content-Type": "application/json", "Authorization": f"Bearer {self.tenant.access_token}"})
        self.assertEqual(answer.status, 200, answer.body)
        body = json.loads(answer.body)
        self.assertIsNone(body["error"])
        self.assertIn('"id":12345678901234567890', body["result"])
        tried = self.tenant.call("POST", path, 200, {"mapping": {"n": "net"}, "payload": {"net": 3}})
        self.assertEqual(tried["result"], '{"n":3}')
        stored = self.tenant.call("GET", f"/api/v1/senders/{sender['id']}/mapping")
        self.assertEqual(stored["mapping"], {"id": "order:id", "total": "net + tax"})
        self.assertEqual(self.tenant.total("Succeeded"), 0)

    def test_any_transformer_is_tried_and_unknown_ones_are_named(self):
        path = "/api/v1/plugins/transformers/{}/preview"
        tried = self.tenant.call("POST", path.format("Mapping"), 200, {"settings": {"a": "b"}, "payload": {"b": 1.5}})
        self.assertEqual(tried, {"result": '{"a":1.5}', "contentType": None, "error": None})
        self.assertIn("transformer", self.tenant.call("POST", path.format("Nothing"), 404, {"payload": {}}))
        self.assertIn("payload", self.tenant.call("POST", path.format("Mapping"), 400, {"settings": {}}))

    def preview(self, transformer, body):
        answer = send(self.server.port, "POST", f"/api/v1/plugins/transformers/{transformer}/preview", body, {
            "Content-Type": "application/json", "Authorization": f"Bearer {self.tenant.access_token}"})
        self.assertEqual(answer.status, 200, answer.body)
        return json.loads(answer.body)

    def test_half_a_surrogate_pair_in_settings_is_answered_with_its_place(self):
        # As it is written: a client's own encoder would never send half a pair.
        for escapes, place in ((rb"\ud83d\n", 31), (rb"\ud83d", 29), (rb"\ud83d\ude00", 35), (rb"\udc00\"", 31)):
            settings = b'{"template":"{{#if /a}}' + escapes + b'"}'
            tried = self.preview("Template", b'{"settings": ' + settings + b', "payload": {"a": 1}}')
            self.assertIsNone(tried["result"])
            self.assertEqual((tried["error"]["in"], tried["error"]["cause"]), ("settings", "invalid_settings"))
            self.assertIn("A {{#end}} is missing", tried["error"]["message"])
            self.assertEqual(tried["error"]["position"], place)

    def test_a_mapping_that_multiplies_its_payload_is_stopped(self):
        mapping = {f"o{number}": ["x"] * 100 for number in range(100)}
        tried = self.preview("Mapping", json.dumps({"settings": mapping, "payload": {"x": "x" * 500_000}}).encode())
        self.assertIsNone(tried["result"])
        self.assertIn("The mapping takes more than 4194304 bytes", tried["error"]["message"])


class BulkReplayTest(SceneTest):
    tenant_settings = {"maxTrys": 1, "circuitBreakerTimer": 1}
    # So that hundreds of events can fail within seconds.
    extra_environment = {"HOOKSENTRY_LIMITS_BREAKER_THRESHOLD": "1000000"}

    def fail(self, count, path=None):
        """A destination and as many events that it refused for good."""
        path = path or self.path()
        destination = self.tenant.destination(self.receiver.on(path, always(401)), serverRateLimit=20,
                                              retryPolicy=SOON)
        events = []
        while len(events) < count:
            batch = [{"seq": len(events) + n} for n in range(min(500, count - len(events)))]
            answer = send(self.server.port, "POST", self.tenant.ingest_path(destination) + "/batch",
                          json.dumps(batch).encode(),
                          {"Content-Type": "application/json", "X-Api-Key": self.tenant.api_key})
            events += [result["eventId"] for result in json.loads(answer.body)["results"]]
        query = f"/api/v1/events?Status=AuthenticationFailed&DestinationUrlId={destination['id']}&Qt=1"
        eventually(lambda: self.tenant.call("GET", query)["total"] == count, 60, "all have failed")
        return destination, events

    def job(self, job):
        return self.tenant.call("GET", f"/api/v1/replays/{job['id']}")

    def test_a_dry_run_counts_and_a_replay_delivers(self):
        destination, events = self.fail(30)
        self.fail(5, self.path() + "/other")
        filter = {"destinationId": destination["id"], "status": "AuthenticationFailed"}
        counted = self.tenant.call("POST", "/api/v1/replays", 200, {**filter, "dryRun": True})
        self.assertEqual(counted, {"dryRun": True, "matched": 30, "matchedIsExact": True})
        self.receiver.on(self.path(), always(200))
        job = self.tenant.call("POST", "/api/v1/replays", 201, {**filter, "ratePerSecond": 500})
        self.assertEqual((job["matched"], job["status"]), (30, "Running"))
        eventually(lambda: self.job(job)["status"] == "Completed", 30, lambda: self.job(job))
        eventually(lambda: self.receiver.unique(self.path()) == 30, 30, lambda: self.receiver.unique(self.path()))
        done = self.job(job)
        self.assertEqual((done["replayed"], done["skipped"]), (30, 0))
        self.assertIsNotNone(done["finishedAt"])
        self.assertEqual(self.receiver.count(self.path() + "/other"), 5)
        self.assertEqual(self.tenant.call("POST", f"/api/v1/replays/{job['id']}/pause", 409), "the replay is finished")
        listed = self.tenant.call("GET", "/api/v1/replays?Status=Completed")
        self.assertIn(job["id"], [item["id"] for item in listed["items"]])

    def test_a_replay_survives_its_node(self):
        destination, events = self.fail(400)
        self.receiver.on(self.path(), always(200))
        filter = {"destinationId": destination["id"], "ratePerSecond": 60}
        # Two at once: each event is queued by one of them.
        jobs = [self.tenant.call("POST", "/api/v1/replays", 201, filter) for _ in range(2)]
        eventually(lambda: self.job(jobs[0])["replayed"] + self.job(jobs[1])["replayed"] > 60, 30, "replays go on")
        self.server.kill()
        self.server.start()
        before = sum(self.job(job)["replayed"] for job in jobs)
        self.assertLess(before, 400)
        eventually(lambda: all(self.job(job)["status"] == "Completed" for job in jobs), 60,
                   lambda: [self.job(job) for job in jobs])
        self.assertEqual(sum(self.job(job)["replayed"] for job in jobs), 400)
        eventually(lambda: self.receiver.unique(self.path()) == 400, 60, lambda: self.receiver.unique(self.path()))
        # Once, except what was in flight when the node died.
        twice = [number for number, count in self.receiver.accepted(self.path()).items() if count > 1]
        self.assertLessEqual(len(twice), 20)
        say(f"killed after {before} of 400; {len(twice)} delivered twice")

    def test_a_replay_pauses_resumes_and_ends(self):
        destination, events = self.fail(100)
        self.receiver.on(self.path(), always(200))
        job = self.tenant.call("POST", "/api/v1/replays", 201, {
            "destinationId": destination["id"], "ratePerSecond": 10})
        eventually(lambda: self.job(job)["replayed"] > 0, 20, lambda: self.job(job))
        paused = self.tenant.call("POST", f"/api/v1/replays/{job['id']}/pause")
        self.assertEqual(paused["status"], "Paused")
        resumed = self.tenant.call("POST", f"/api/v1/replays/{job['id']}/resume")
        self.assertEqual(resumed["status"], "Running")
        self.assertEqual(resumed["replayed"], paused["replayed"])
        eventually(lambda: self.job(job)["replayed"] > paused["replayed"], 20, lambda: self.job(job))
        cancelled = self.tenant.call("POST", f"/api/v1/replays/{job['id']}/cancel")
        self.assertEqual(cancelled["status"], "Cancelled")
        self.assertLess(cancelled["replayed"], 100)
        eventually(lambda: self.receiver.unique(self.path()) == cancelled["replayed"], 20, "the replayed ones arrive")
        self.assertEqual(self.job(job)["replayed"], cancelled["replayed"])
