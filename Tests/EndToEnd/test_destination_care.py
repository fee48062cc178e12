"""Pausing, resuming and deleting a destination, and purges."""
import collections
import json

from support.conditions import eventually
from support.load import Load
from support.receiver import always
from support.scene import SceneTest, say


class DestinationCareTest(SceneTest):
    tenant_settings = {"maxTrys": 3, "circuitBreakerTimer": 1}

    def change(self, destination, what):
        return self.tenant.call("POST", f"/api/v1/destinations/{destination['id']}/{what}")

    def hold(self, destination, tenant=None):
        """Pauses the destination and returns once its worker has heard of it: with an event that it holds back."""
        tenant = tenant or self.tenant
        tenant.call("POST", f"/api/v1/destinations/{destination['id']}/pause")

        def held():
            parked = self.server.metrics()["hooksentry_events_parked_total"]
            event = tenant.accept(destination, {"probe": True})
            eventually(lambda: self.server.metrics()["hooksentry_events_parked_total"] > parked
                       or tenant.event(event)["status"] == "Succeeded", 20, "the probe is parked or delivered")
            return event if tenant.event(event)["status"] == "Pending" else None
        return eventually(held, 30, "the pause takes hold")

    def test_a_pause_loses_nothing_and_burns_no_attempt(self):
        destination = self.tenant.destination(self.receiver.on(self.path(), always(200)), serverRateLimit=4)
        self.assertFalse(destination["paused"])
        load = Load(self.tenant, destination, rate=300, total=900).start()
        eventually(lambda: self.receiver.unique(self.path()) > 50, 30, "deliveries are under way")
        paused = self.change(destination, "pause")
        self.assertTrue(paused["paused"])
        load.join()
        self.assertEqual(len(load.accepted), 900, load.refused)
        # All that is left is in the store, and none of it in a worker's hands.
        eventually(lambda: self.server.metrics()["hooksentry_dispatcher_events"] == 0, 30, self.server.metrics)
        seen = self.receiver.count(self.path())
        self.assertLess(seen, 900)
        waiting = self.tenant.total("Pending")
        self.assertEqual(waiting + self.tenant.total("Succeeded"), 900)
        parked = self.server.metrics()["hooksentry_events_parked_total"]
        self.change(destination, "pause")  # Once more changes nothing.

        # A neighbour is served meanwhile, with the paused one's rows in the same tables.
        other = self.tenant.destination(self.receiver.on(self.path() + "/other", always(200)))
        self.tenant.final(self.tenant.accept(other, {"a": 1}))
        self.assertEqual(self.receiver.count(self.path()), seen)
        self.assertEqual(self.server.metrics()["hooksentry_events_parked_total"], parked)

        self.assertFalse(self.change(destination, "resume")["paused"])
        eventually(lambda: self.tenant.total("Succeeded") == 901, 60, lambda: f"left: {self.tenant.unfinished()}")
        self.assertEqual(set(self.receiver.accepted(self.path()).values()), {1})
        self.assertEqual(self.receiver.unique(self.path()), 900)
        for number in (1, 450, 900):
            self.assertEqual(len(self.tenant.attempts(load.accepted[number])), 1)
        say(f"{seen} were delivered before the pause took hold, {waiting} waited")

    def test_a_pause_outlives_a_killed_node(self):
        destination = self.tenant.destination(self.receiver.on(self.path(), always(200)))
        events = [self.hold(destination)]
        delivered = self.receiver.count(self.path())
        events += [self.tenant.accept(destination, {"seq": number}) for number in range(20)]
        eventually(lambda: self.server.metrics()["hooksentry_dispatcher_events"] == 0, 30, self.server.metrics)
        self.server.kill()
        self.server.start()
        self.assertTrue(self.tenant.reload(destination)["paused"])
        other = self.tenant.destination(self.receiver.on(self.path() + "/other", always(200)))
        self.tenant.final(self.tenant.accept(other, {"a": 1}), limit=40)
        self.assertEqual(self.receiver.count(self.path()), delivered)
        self.change(destination, "resume")
        for event in events:
            self.assertEqual(self.tenant.final(event, limit=40)["attempts"], 1)

    def test_retries_wait_out_a_pause(self):
        destination = self.tenant.destination(self.receiver.on(self.path(), always(500)), retryPolicy={
            "plugin": "Fixed", "settings": {"delaySeconds": 1, "jitter": 0}})
        event = self.tenant.accept(destination, {"a": 1})
        eventually(lambda: self.receiver.count(self.path()) == 1, 20, "the first attempt is made")
        self.change(destination, "pause")
        other = self.tenant.destination(self.receiver.on(self.path() + "/other", always(500)), retryPolicy={
            "plugin": "Fixed", "settings": {"delaySeconds": 1.5, "jitter": 0}})
        # Its second retry comes after the first one of the paused destination would have.
        self.tenant.final(self.tenant.accept(other, {"a": 1}))
        self.assertLessEqual(self.receiver.count(self.path()), 2)
        self.assertEqual(self.tenant.event(event)["status"], "WaitingRetry")
        self.receiver.on(self.path(), always(200))
        self.change(destination, "resume")
        self.assertEqual(self.tenant.final(event)["status"], "Succeeded")

    def test_delete_is_refused_while_events_wait_and_cancels_on_request(self):
        destination = self.tenant.destination(self.receiver.on(self.path(), always(200)))
        delivered = self.tenant.accept(destination, {"seq": 1})
        self.assertEqual(self.tenant.final(delivered)["status"], "Succeeded")
        waiting = [self.hold(destination)]
        seen = self.receiver.count(self.path())
        waiting += [self.tenant.accept(destination, {"seq": number}) for number in range(2, 12)]
        path = f"/api/v1/destinations/{destination['id']}"
        self.assertIn("cancel=true", self.tenant.call("DELETE", path, 409))
        self.assertEqual(self.tenant.event(waiting[0])["status"], "Pending")
        self.tenant.call("DELETE", path + "?cancel=true", 204)

        refused = self.tenant.ingest(destination, {"seq": 99})
        self.assertEqual(refused.status, 404, refused.body)
        self.tenant.call("GET", path, 404)
        states = collections.Counter(self.tenant.final(event)["status"] for event in waiting)
        self.assertEqual(states, {"Cancelled": 11})
        listed = self.tenant.call("GET", f"/api/v1/events?DestinationUrlId={destination['id']}&Qt=200")
        self.assertEqual(listed["total"], 11 + seen)
        self.assertEqual({item["destinationUrl"] for item in listed["items"]}, {destination["url"]})
        self.assertEqual(self.receiver.count(self.path()), seen)

    def test_a_purge_of_everything_counts_what_it_cancels(self):
        tenant = type(self.tenant)(self.server.port)
        destinations = [tenant.destination(self.receiver.url(self.path())) for _ in range(2)]
        for destination in destinations:
            self.hold(destination, tenant)
            for number in range(3):
                tenant.accept(destination, {"seq": number})
        seen = self.receiver.count(self.path())
        self.assertEqual(tenant.call("POST", "/api/v1/events/purge"), {"cancelled": 8})
        self.assertEqual(tenant.total("Cancelled"), 8)
        for destination in destinations:
            tenant.call("POST", f"/api/v1/destinations/{destination['id']}/resume")
        delivered = tenant.accept(destinations[0], {"seq": 7})
        tenant.final(delivered)
        after = self.receiver.requests(self.path())[seen:]
        self.assertEqual([json.loads(request.body) for request in after], [{"seq": 7}])
