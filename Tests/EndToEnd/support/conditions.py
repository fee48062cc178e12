"""Waiting for something to become true, with a limit. The only place of these tests that pauses."""
import time

PAUSE_SECONDS = 0.02


def eventually(condition, limit, what):
    """Polls until condition() is truthy and returns its value; fails with `what` after `limit` seconds.

    `what` may be a function, called when the time is up, so that it can tell how things stand.
    """
    deadline = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {limit} s: {what() if callable(what) else what}")
        time.sleep(PAUSE_SECONDS)


def pause(seconds):
    """Paces a load. Never a way to wait for something to have happened."""
    if seconds > 0:
        time.sleep(seconds)
