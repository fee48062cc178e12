"""Every secret that the tests have seen, and whether one of them is in a text where it must not be.

`client.send` registers what goes out and what comes back, `Server` what it is started with; a server's log and its
metrics are searched when it is closed, and run.py fails if anything was found.
"""
import json
import re
import threading
import urllib.parse

#: Shorter ones are words of a test ("p", "wrong"), and turn up in innocent text.
SHORTEST = 10
LONGEST = 4096

#: Members of bodies, wherever they are, in lower case.
NAMES = {
    "password", "ownerpassword", "currentpassword", "newpassword", "webhooksecret", "secret", "clientsecret", "token",
    "accesstoken", "refreshtoken", "access_token", "refresh_token", "ingesttoken", "ticket", "privatekey", "apikey",
    "secretaccesskey", "sessiontoken", "secretkey",
}
#: Only below `credentials`, and in answers of one route.
CREDENTIAL_NAMES = {"value", "key"}

_lock = threading.Lock()
_known = {}
_findings = []


def remember(secret, what):
    """what: for people; the secret itself is in no report."""
    if isinstance(secret, str) and SHORTEST <= len(secret) <= LONGEST and len(set(secret)) > 4:
        with _lock:
            _known.setdefault(secret, what)


def remember_body(text, path):
    """The secrets in a JSON body; anything else has none."""
    if "/ingest/" in path:
        return  # Events are what the user makes of them.
    try:
        _walk(json.loads(text), path, path.partition("?")[0].endswith("/apikeys"))
    except (ValueError, TypeError, RecursionError):
        pass


def _walk(value, path, is_credential):
    if isinstance(value, dict):
        for name, member in value.items():
            if name.lower() in NAMES or is_credential and name.lower() in CREDENTIAL_NAMES:
                remember(member, f"{name} of {path.partition('?')[0]}")
            _walk(member, path, is_credential or name.lower() == "credentials")
    elif isinstance(value, list):
        for member in value:
            _walk(member, path, is_credential)


def remember_headers(headers, path):
    for name, value in (headers or {}).items():
        if name.lower() in ("authorization", "x-api-key", "x-operator-token") and isinstance(value, str):
            remember(value.removeprefix("Bearer "), f"{name} of {path.partition('?')[0]}")


def remember_environment(environment):
    for name, value in environment.items():
        if name.endswith("_FILE"):
            with open(value, encoding="utf-8", errors="replace") as file:
                name, value = name.removesuffix("_FILE"), file.read().strip()
        if name.endswith(("_KEY", "_TOKEN")):
            remember(value, name)
        elif name.endswith("_URL"):
            remember(urllib.parse.unquote(urllib.parse.urlsplit(value).password or ""), f"the password in {name}")


def leaks(text):
    """What of all that is known stands in the text: as it is, escaped as in JSON, or as in a URL."""
    with _lock:
        known = dict(_known)
    places = {text[index:index + SHORTEST] for index in range(len(text) - SHORTEST + 1)}
    found = []
    for secret, what in known.items():
        forms = {secret, json.dumps(secret)[1:-1], urllib.parse.quote(secret, safe="")}
        if any(form[:SHORTEST] in places and form in text for form in forms):
            found.append(what)
    return found


def search(text, where):
    """Notes what was found, for the end of the run."""
    for what in leaks(text):
        with _lock:
            _findings.append(f"{where} contains a secret: {what}")


def forget_findings(word):
    """Takes out the findings with this word, which a test has planted."""
    with _lock:
        planted = sorted({finding for finding in _findings if word in finding})
        _findings[:] = [finding for finding in _findings if word not in finding]
    return planted


def report():
    """How many secrets were looked for, and the findings, each once."""
    with _lock:
        return len(_known), sorted(set(_findings))
