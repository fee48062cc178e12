"""What most tests share: the servers of the run, a running platform, a receiver and a tenant."""
import os
import sys
import unittest
import uuid

from .client import Tenant
from .receiver import Receiver
from .server import Server, run_command
from .services import Services

#: Retries soon enough for a test to wait for them.
SOON = {"plugin": "Fixed", "settings": {"delaySeconds": 0.1, "jitter": 0}}


def shared_services():
    """The instance that the whole run shares; tests that stop or wipe a server take one of their own."""
    return Services(os.environ["RUN_DIR"])


def migrate(environment):
    code, said = run_command(environment, "migrate")
    if code != 0:
        raise AssertionError(f"hooksentry migrate ended with code {code}: {said}")


def say(text):
    print(f"    {text}", file=sys.stderr, flush=True)


class SceneTest(unittest.TestCase):
    """One platform for all tests of a class, on a database and a virtual host of its own."""

    tenant_settings = {"maxTrys": 3, "circuitBreakerTimer": 1}
    extra_environment = {}
    operator_token = uuid.uuid4().hex

    @classmethod
    def setUpClass(cls):
        environment = {**shared_services().environment(f"test-{uuid.uuid4()}"),
                       "HOOKSENTRY_OPERATOR_TOKEN": cls.operator_token, **cls.extra_environment}
        migrate(environment)
        cls.receiver = Receiver()
        cls.addClassCleanup(cls.receiver.close)
        cls.server = Server(environment, name=cls.__name__)
        cls.addClassCleanup(cls.server.close)
        cls.server.start()
        cls.tenant = Tenant(cls.server.port, **cls.tenant_settings)

    def path(self):
        """A path of the receiver that belongs to this test alone."""
        return f"/{self.id().rsplit('.', 1)[-1]}"
