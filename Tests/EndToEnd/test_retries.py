"""What follows a failure: retries by policy, final states, the breaker, replays."""
import json

from support.conditions import eventually
from support.receiver import Reply, always, in_turn
from support.scene import SOON, SceneTest
from support.server import free_port


class RetryTest(SceneTest):
    tenant_settings = {"maxTrys": 3, "circuitBreakerTimer": 1}

    def outcomes(self, event_id):
        return [(a["number"], a["httpStatus"]) for a in
                sorted(self.tenant.attempts(event_id), key=lambda a: a["number"])]

    def test_fails_twice_then_succeeds(self):
        url = self.receiver.on(self.path(), in_turn(Reply(500, {}, b"not yet"), Reply(503), Reply(200)))
        destination = self.tenant.destination(url, retryPolicy=SOON)
        event = self.tenant.final(self.tenant.accept(destination, {"a": 1}))
        self.assertEqual(event["status"], "Succeeded")
        self.assertEqual(self.outcomes(event["id"]), [(1, 500), (2, 503), (3, 200)])
        self.assertIsNotNone(event["deliveredAt"])
        ids = {request.headers["webhook-id"] for request in self.receiver.requests(self.path())}
        self.assertEqual(ids, {event["id"]})

    def test_a_dead_port_ends_as_critical_failure(self):
        destination = self.tenant.destination(f"http://127.0.0.1:{free_port()}/", retryPolicy=SOON)
        event = self.tenant.final(self.tenant.accept(destination, {"a": 1}))
        self.assertEqual(event["status"], "CriticalFailure")
        self.assertEqual(self.outcomes(event["id"]), [(1, None), (2, None), (3, None)])

    def test_a_hang_up_without_answer_is_retried(self):
        url = self.receiver.on(self.path(), in_turn(None, Reply(200)))
        destination = self.tenant.destination(url, retryPolicy=SOON)
        event = self.tenant.final(self.tenant.accept(destination, {"a": 1}))
        self.assertEqual((event["status"], self.outcomes(event["id"])), ("Succeeded", [(1, None), (2, 200)]))

    def test_redirects_are_not_followed(self):
        elsewhere = self.receiver.url("/elsewhere")
        url = self.receiver.on(self.path(), in_turn(Reply(302, {"Location": elsewhere}), Reply(200)))
        destination = self.tenant.destination(url, retryPolicy=SOON)
        event = self.tenant.final(self.tenant.accept(destination, {"a": 1}))
        self.assertEqual(self.outcomes(event["id"]), [(1, 302), (2, 200)])
        self.assertEqual(self.receiver.count("/elsewhere"), 0)

    def test_refused_credentials_end_the_event_at_once(self):
        for status in (401, 403, 404):
            with self.subTest(status=status):
                path = f"{self.path()}/{status}"
                destination = self.tenant.destination(self.receiver.on(path, always(status)), retryPolicy=SOON)
                event = self.tenant.final(self.tenant.accept(destination, {"a": 1}))
                self.assertEqual(event["status"], "AuthenticationFailed")
                self.assertEqual(self.receiver.count(path), 1)

    def test_retry_after_is_honoured(self):
        url = self.receiver.on(self.path(), in_turn(Reply(429, {"Retry-After": "1"}), Reply(200)))
        destination = self.tenant.destination(url, retryPolicy=SOON)
        self.assertEqual(self.tenant.final(self.tenant.accept(destination, {"a": 1}))["status"], "Succeeded")
        first, second = self.receiver.requests(self.path())
        self.assertGreaterEqual(second.at - first.at, 0.95)
        self.assertLess(second.at - first.at, 10)

    def test_replay_delivers_what_had_failed(self):
        url = self.receiver.on(self.path(), always(500))
        destination = self.tenant.destination(url, retryPolicy=SOON)
        event_id = self.tenant.accept(destination, b'{"amount":1.10}')
        self.assertEqual(self.tenant.final(event_id)["status"], "CriticalFailure")
        self.receiver.on(self.path(), always(200))
        self.tenant.call("POST", f"/api/v1/events/{event_id}/replay")
        event = eventually(
            lambda: (e := self.tenant.event(event_id))["status"] == "Succeeded" and e, 20,
            lambda: f"replayed: {self.tenant.event(event_id)}, {self.tenant.attempts(event_id)}")
        self.assertEqual(event["currentRetryCount"], 0)
        requests = self.receiver.requests(self.path())
        self.assertEqual([r.body for r in requests], [b'{"amount":1.10}'] * 4)
        again = self.tenant.call("POST", f"/api/v1/events/{event_id}/replay", 400)
        self.assertIsInstance(again, str)

    def test_a_new_url_counts_from_the_next_attempt(self):
        destination = self.tenant.destination(self.receiver.on(self.path() + "/old", always(500)), retryPolicy={
            "plugin": "Fixed", "settings": {"delaySeconds": 0.5, "jitter": 0}})
        event_id = self.tenant.accept(destination, {"a": 1})
        eventually(lambda: self.receiver.count(self.path() + "/old") == 1, 10, "first attempt made")
        self.tenant.call("PATCH", f"/api/v1/destinations/{destination['id']}", 200,
                         {"url": self.receiver.url(self.path() + "/new")})
        self.assertEqual(self.tenant.final(event_id)["status"], "Succeeded")
        self.assertEqual(self.receiver.count(self.path() + "/new"), 1)


class BreakerTest(SceneTest):
    tenant_settings = {"maxTrys": 20, "circuitBreakerTimer": 2}

    def test_opens_after_five_failures_probes_and_closes(self):
        url = self.receiver.on(self.path(), always(500))
        destination = self.tenant.destination(url, serverRateLimit=1, retryPolicy=SOON)
        events = [self.tenant.accept(destination, {"seq": number}) for number in range(8)]

        def state():
            return self.tenant.reload(destination)["circuitBreakerState"]

        eventually(lambda: state() == "Open", 20, lambda: f"breaker opens; it is {self.tenant.reload(destination)}")
        seen = self.receiver.count(self.path())
        self.assertGreaterEqual(seen, 5)
        self.assertLessEqual(seen, 6)
        # The first probe fails and opens the breaker afresh; one request only goes out for it.
        eventually(lambda: self.receiver.count(self.path()) > seen, 20, "a probe is made")
        opened, probe = self.receiver.requests(self.path())[seen - 1], self.receiver.requests(self.path())[seen]
        self.assertGreaterEqual(probe.at - opened.at, 1.5)

        self.receiver.on(self.path(), always(200))
        for event_id in events:
            self.assertEqual(self.tenant.final(event_id, limit=30)["status"], "Succeeded")
        self.assertEqual(state(), "Closed")
        # Waiting for the breaker cost no attempts: each failed attempt is one the receiver saw.
        recorded = sum(len(self.tenant.attempts(event_id)) for event_id in events)
        self.assertEqual(recorded, self.receiver.count(self.path()))

    def test_the_breaker_shows_in_metrics(self):
        url = self.receiver.on(self.path(), always(500))
        destination = self.tenant.destination(url, retryPolicy=SOON)
        for number in range(5):
            self.tenant.accept(destination, {"seq": number})
        eventually(lambda: any("breaker" in name and value >= 1 for name, value in self.server.metrics().items()),
                   20, lambda: json.dumps(self.server.metrics(), indent=1))
