"""What must be true when everything has healed. Each finding is a sentence; no finding is a pass."""
import collections
import json

#: A settlement lost in a fault comes back within the lease (7 s), the hand-over grace or a retry.
RECOVERY_SECONDS = 35


def rows(servers, query):
    """The answer of a query, one JSON value a row."""
    said = servers.services.command("psql", "-XqAt", "-c", f"select row_to_json(q) from ({query}) q")
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def judge(world, tenant, targets, load, windows):
    """windows: (began, ended, fault) of each fault as it happened. Findings, and counts for the report."""
    findings = [
        f"the client got {status} for number {number}: {answer!r}" for number, status, answer in load.unexpected[:3]]
    if load.owed:
        findings.append(f"{load.owed} posts never got an answer")
    ambiguous = {number: ids for number, ids in load.ids.items() if len(ids) > 1}
    if ambiguous:
        findings.append(f"{len(ambiguous)} idempotency keys name two events, such as {next(iter(ambiguous.items()))}")

    events = {row["id"]: row for row in rows(world.servers, f"""
        select e.id, e.status, e.due_at, e.attempts_finished, encode(e.payload, 'escape') as payload,
               count(a.number) as attempts, count(a.number) filter (where a.outcome = 'succeeded') as succeeded,
               max(a.number) filter (where a.outcome = 'succeeded') as succeeded_as
        from events e left join attempts a on a.event_id = e.id
        where e.tenant_id = '{tenant.id}' group by e.id""")}
    promised = {next(iter(ids)): number for number, ids in load.ids.items()}
    findings += judge_store(events, promised)
    findings += judge_api(tenant, events)
    delivered, duplicates = deliveries(world)
    findings += judge_receiver(world, load, events, promised, delivered)
    findings += judge_duplicates(duplicates, windows)
    findings += judge_logs(world, tenant, targets)
    counts = {
        "accepted": len(load.ids), "delivered": sum(1 for event in promised if delivered[event]),
        "failed": sum(1 for event in promised if event in events and events[event]["status"] == 5),
        "duplicates": len(duplicates), "repeats": load.repeats,
        "attempts": sum(event["attempts"] for event in events.values())}
    return findings, counts


def judge_store(events, promised):
    lost = [number for event, number in promised.items() if event not in events]
    if lost:
        yield f"{len(lost)} accepted events are not in the store, such as number {lost[0]}"
    for event in events.values():
        name = f"event {event['id']}"
        if event["status"] not in (2, 5):
            yield f"{name} ended as {event['status']}"
        if event["due_at"] is not None:
            yield f"{name} is final and still due"
        if event["attempts"] != event["attempts_finished"]:
            yield f"{name} has {event['attempts']} attempt rows and counts {event['attempts_finished']}"
        if event["status"] == 2 and (event["succeeded"], event["succeeded_as"]) != (1, event["attempts"]):
            yield f"{name} succeeded, but {event['succeeded']} of its {event['attempts']} attempts say so"
        if event["status"] == 5 and (event["succeeded"] or not event["attempts"]):
            yield f"{name} failed, but its attempts do not explain it"
    orphans = set(events) - set(promised)
    if orphans:
        yield f"{len(orphans)} events are in the store although every key was answered with another"


def judge_api(tenant, events):
    names = {2: "Succeeded", 5: "CriticalFailure"}
    for status, name in names.items():
        stored = sum(1 for event in events.values() if event["status"] == status)
        if tenant.total(name) != stored:
            yield f"the API counts {tenant.total(name)} {name} and the store {stored}"


def deliveries(world):
    """Event id to its 2xx answers; and (moment, event id) of each beyond the first."""
    delivered = collections.defaultdict(list)
    for destination in world.destinations:
        for moment, sequence, event, body, status in destination.seen:
            if status == 200:
                delivered[event].append((moment, destination, sequence, body))
    duplicates = [(moment, event) for event, times in delivered.items()
                  for moment in sorted(moment for moment, *_ in times)[1:]]
    return delivered, duplicates


def judge_receiver(world, load, events, promised, delivered):
    for event, number in promised.items():
        if event not in events:
            continue
        if events[event]["status"] == 2 and not delivered[event]:
            yield f"event {event} (number {number}) is marked Succeeded and never arrived"
        for _, destination, sequence, body in delivered[event]:
            if sequence != number or body != load.bodies[number]:
                yield f"event {event} (number {number}) arrived with the bytes of another or changed ones"
            if destination is not world.destinations[load.target(number)]:
                yield f"event {event} (number {number}) went to {destination.path}"
    strangers = [event for event in delivered if delivered[event] and event not in events]
    if strangers:
        yield f"{len(strangers)} events arrived that the store does not know"


def judge_duplicates(duplicates, windows):
    excused = [(began, ended + RECOVERY_SECONDS) for began, ended, fault in windows if fault.may_duplicate]
    for moment, event in duplicates:
        if not any(began <= moment <= ended for began, ended in excused):
            yield f"event {event} arrived twice, and no fault explains it"


def judge_logs(world, tenant, targets):
    secrets = tenant.secrets() + [target["ingestToken"] for target in targets]
    for number, node in enumerate(world.nodes):
        log = node.server.log()
        if leaked := [secret[:6] for secret in secrets if secret in log]:
            yield f"node {number} logged secrets that begin with {leaked}"
        if crash := [line for line in log.splitlines() if "Fatal error" in line]:
            yield f"node {number} trapped: {crash[0]}"
