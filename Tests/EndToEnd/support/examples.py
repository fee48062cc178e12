"""The code examples of the OpenAPI document, and real values for what stands in them.

An example is the program that the reference page shows. Nothing in it is changed but literals: those that
`x-samples` names (base URL, credentials), those that stand for things (an id, a token), and, for a few operations,
what must be new or must belong together.
"""
import json
import uuid

LANGUAGES = ("C#", "JavaScript", "Go", "Python")


class Operation:
    def __init__(self, document, path, method, description):
        self.name = f"{method.upper()} {path}"
        self.id = description["operationId"]
        self.values = document["x-samples"]["values"]
        self.parameters = description.get("parameters", [])
        self.programs = {sample["lang"]: sample["source"] for sample in description.get("x-codeSamples", [])}
        self.security = description["security"]
        self.successes = {int(status): answer for status, answer in description["responses"].items()
                          if status.startswith("2")}
        content = (description.get("requestBody") or {}).get("content", {})
        self.body = content.get("application/json", {}).get("example")
        self.is_endless = any("text/event-stream" in answer.get("content", {}) for answer in self.successes.values())

    @property
    def path_examples(self):
        return {item["name"]: str(item["example"]) for item in self.parameters if item["in"] == "path"}


def operations(document):
    return [Operation(document, path, method, description)
            for path, methods in document["paths"].items() for method, description in methods.items()]


class Things:
    """Makes what an example speaks of, anew for every run, so that no example spoils another one."""

    def __init__(self, tenant, receiver_url, refusing_url, operator_token):
        self.tenant = tenant
        self.operator_token = operator_token
        self.receiver_url = receiver_url
        self.refusing_url = refusing_url
        #: By the text that stands for it in every example of the document.
        self.makers = {
            "5b0f3d7e-91c4-4d0a-8a55-0c7f2b9e6d10": lambda: tenant.id,
            "e1d0c9b8-a7f6-4e5d-8c4b-3a29180f7e6d": lambda: self.destination()["id"],
            "https://hooks.northwind.example/in": lambda: receiver_url,
            "c2a4e9b1-7d3f-4f6e-9b21-5e8d0a7c4f33": self.user,
            "9d4c2b1a-0f8e-4d7c-b6a5-4e3d2c1b0a99": self.api_key,
            "1f2e3d4c-5b6a-4798-8a9b-0c1d2e3f4a5b": self.sender,
            "a0b1c2d3-e4f5-4a6b-8c7d-9e0f1a2b3c4d": self.failed_event,
            "5d0e8a52-7b1c-4f3e-9a60-1c2d3e4f5a6b": self.notification,
            "dst_4b1d0c7e": lambda: self.destination()["ingestToken"],
            "inv_83b0c6d2": lambda: tenant.call("POST", "/api/v1/invites", 201, {})["token"],
            "7e5d1c90-3b2a-4c8f-a6e4-2f9b8d7c6a15": lambda: tenant.call("POST", "/api/v1/invites", 201, {})["id"],
            "3c9f8e7d-6a5b-4c4d-8e3f-2a1b0c9d8e7f": self.replay,
            # A component that is there on every installation.
            "Mapping": lambda: "Mapping",
            "Qm9vIGZpbGVzIGFuZCBvdGhlciBzbWFsbCB0aGluZ3M": lambda: self.session()["refreshToken"],
            "dev@northwind.example": self.email,
            "Fixed": lambda: "Fixed",
            "order-17": lambda: f"order-{uuid.uuid4()}",
        }
        #: By operation, then as above; what is said here goes before what is said there.
        self.special = {
            "logIn": lambda: {"ops@northwind.example": tenant.email, "correct horse battery staple": tenant.password},
            "createTenant": lambda: {"Northwind Labs": f"Tenant {uuid.uuid4()}", "ops@northwind.example": self.email()},
            "register": lambda: {"ops@northwind.example": self.email()},
            # It ends the session whose token it is called with.
            "logOut": lambda: {"YOUR_ACCESS_TOKEN": self.session()["accessToken"]},
        }

    def values(self, operation, program, base_url):
        """Text to real text, for all that stands in the program."""
        values = {operation.values["baseURL"]: base_url, operation.values["accessToken"]: self.tenant.access_token,
                  operation.values["apiKey"]: self.tenant.api_key,
                  operation.values["operatorToken"]: self.operator_token}
        values.update(self.special.get(operation.id, dict)())
        for text, make in self.makers.items():
            if text in program and text not in values:
                values[text] = make()
        return values

    @staticmethod
    def email():
        return f"someone-{uuid.uuid4()}@example.com"

    def destination(self, url=None):
        return self.tenant.destination(url or self.receiver_url)

    def session(self):
        return self.tenant.log_in()

    def user(self):
        return self.tenant.call("POST", "/api/v1/users", 201, {"email": self.email(), "password": "p"})["id"]

    def api_key(self):
        return self.tenant.call("POST", "/api/v1/apikeys", 201, {"name": "example"})["id"]

    def notification(self):
        self.tenant.call("DELETE", f"/api/v1/apikeys/{self.api_key()}")
        return self.tenant.call("GET", "/api/v1/notifications?Qt=1")["items"][0]["id"]

    def sender(self):
        return self.tenant.sender(self.destination(), {"orderId": "order"})["id"]

    def replay(self):
        """One that is not finished."""
        replay = self.tenant.call("POST", "/api/v1/replays", 201, {"ratePerSecond": 1})["id"]
        self.tenant.call("POST", f"/api/v1/replays/{replay}/pause")
        return replay

    def failed_event(self):
        """One that can be replayed: its destination has refused it."""
        event = self.tenant.accept(self.destination(self.refusing_url), {"order": 17})
        self.tenant.final(event)
        return event


def filled(program, values):
    for text, real in values.items():
        program = program.replace(text, json.dumps(real)[1:-1])
    return program
