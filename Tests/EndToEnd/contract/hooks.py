"""What schemathesis is told of this API beyond its document. Loaded by schemathesis itself (SCHEMATHESIS_HOOKS).

CONTRACT_IDS: JSON; by a path parameter's example, ids of real things of that kind. CONTRACT_CALLER: the user whose
token is used, who must neither be deleted nor changed while the run lasts.
"""
import itertools
import json
import os
import re
import uuid

import schemathesis
from hypothesis import strategies

IDS = json.loads(os.environ["CONTRACT_IDS"])
CALLER = os.environ["CONTRACT_CALLER"]
ADDRESSES = itertools.count(1)

#: What the platform means by it: hosts that are names, since it refuses many addresses.
schemathesis.openapi.format("https-uri", strategies.from_regex(
    r"https://[a-z]([a-z0-9-]{0,20}[a-z0-9])?\.example(:[1-9][0-9]{0,3})?(/[a-z0-9/._~?=&-]{0,20})?", fullmatch=True))


def examples(operation):
    """Path parameter to its example."""
    return {item["name"]: item.get("example") for item in operation.definition.raw.get("parameters", [])
            if item["in"] == "path"}


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Random ids lead nowhere: three of four become those of things that exist."""
    for name, example in examples(context.operation).items():
        real, value = IDS.get(example), (path_parameters or {}).get(name)
        if real and isinstance(value, str) and is_drawn(value, example):
            choice = sum(value.encode(errors="replace")) % 4
            if choice < 3 or value == example:
                path_parameters[name] = real[choice % len(real)]
    return path_parameters


def is_drawn(value, example):
    """As a valid value: what was made to be wrong stays so, and so does what an earlier answer has named."""
    if "-" not in example:
        return bool(value) and not re.fullmatch(r"(inv|dst|sndr)_[0-9a-f]{64}", value)
    try:
        drawn = uuid.UUID(value)
    except ValueError:
        return False
    return str(drawn) == value.lower() and drawn.version != 7


@schemathesis.hook
def before_call(context, case, kwargs):
    # Every call comes from elsewhere, or the limits by address would answer most of them.
    number = next(ADDRESSES)
    case.headers["X-Forwarded-For"] = f"198.18.{number >> 8 & 255}.{number & 255}"
    if case.method in ("PATCH", "DELETE") and (case.path_parameters or {}).get("id") == CALLER:
        case.path_parameters["id"] = str(uuid.uuid4())


#: How a sentence begins that is about how parameters go together, or about a cursor that nobody has given out.
TOGETHER = re.compile(r'"(Pg must not skip|Pg must be 1|After must be|After goes with|CpOrd must be acceptedAt or id)')
#: How a sentence begins that passes on what a plugin said of its settings.
PLUGIN_SAYS = re.compile(r'"(credentials|(authenticator|retryPolicy|transformers\[\d+\])\.settings)[:.]')


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Three things that a document cannot say.

    A body may be missing: ours says so all the same, as `x-may-be-empty`. A plugin may refuse settings that fit its
    schema, a key that is no key, say. And a page may lie too far on for its size.
    """
    kind = type(failure).__name__
    if kind in ("MissingContentType", "MalformedJson") and not response.content:
        definition = case.operation.responses.find_by_status_code(response.status_code)
        return definition is None or not definition.definition.get("x-may-be-empty")
    said = response.text_lossy() if response.status_code == 400 else ""
    return not (kind == "RejectedPositiveData" and (PLUGIN_SAYS.match(said) or TOGETHER.match(said)))
