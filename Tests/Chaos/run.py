#!/usr/bin/env python3
"""Breaks a running platform by a plan made from a seed, and checks that every promise held.

    python3 Tests/Chaos/run.py [--hooksentry PATH] [--nodes N] [--report FILE] [--logs FOLDER] SEED...

SEED is a number or a range such as 1-200. Each run starts one to three nodes, sends a load that repeats what got
no answer, injects the plan's faults, heals everything, waits until nothing is unfinished and judges. It prints one
line a seed; the exit code is 0 if there were no findings. The same seed makes the same plan; how threads and
servers interleave is theirs to choose, so a finding may need several runs of its seed to be seen again.
"""
import argparse
import json
import os
import pathlib
import sys
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "EndToEnd")]

DRAIN_SECONDS = 90


def seeds(words):
    for word in words:
        first, _, last = word.partition("-")
        yield from range(int(first), int(last or first) + 1)


def inject(plan, world, began):
    """Does and undoes every fault at its time, each on a thread of its own; returns when all are undone."""
    from support.conditions import pause
    windows, problems = [], []
    turn = {name: threading.Lock() for name in ("postgres", "rabbitmq", "node")}

    def one(fault):
        pause(began + fault.at - time.monotonic())
        # Two faults that stop and start the same thing go one after the other.
        what = fault.kind.rpartition(" ")[2]
        key = what if what in turn else None
        try:
            if key:
                turn[key].acquire()
            start = time.monotonic()
            world.begin(fault)
            pause(fault.seconds)
            world.end(fault)
            windows.append((start, time.monotonic(), fault))
        except Exception:
            problems.append(f"{fault}: {traceback.format_exc()}")
        finally:
            if key:
                turn[key].release()

    threads = [threading.Thread(target=one, args=(fault,), daemon=True) for fault in plan.faults]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    if problems:
        raise RuntimeError("\n".join(problems))
    return windows


def run(plan, servers):
    from judge import judge
    from load import Load
    from support.client import Tenant
    from support.conditions import eventually
    from support.scene import SOON
    from world import World

    world = World(plan, servers)
    try:
        world.start()
        ports = [node.server.port for node in world.nodes]
        tenant = Tenant(ports[0], maxTrys=40, circuitBreakerTimer=1)
        targets = [tenant.destination(destination.url, serverRateLimit=20, retryPolicy=SOON)
                   for destination in world.destinations]
        load = Load(tenant, targets, ports, plan.seconds)
        load.start()
        windows = inject(plan, world, time.monotonic())
        world.heal()
        load.finish(DRAIN_SECONDS)
        healed = time.monotonic()
        findings = []
        try:
            eventually(lambda: reachable(tenant) and tenant.unfinished() == 0, DRAIN_SECONDS, "")
        except AssertionError:
            left = tenant.call("GET", "/api/v1/events?Qt=200&Pg=1&Status=WaitingRetry")["items"][:2]
            findings.append(f"{tenant.unfinished()} events are unfinished after {DRAIN_SECONDS} s, such as {left}")
        drained = time.monotonic() - healed
        for node in world.nodes:
            if not node.is_up:
                findings.append(f"a node ended by itself with code {node.server.process.returncode}")
        more, counts = judge(world, tenant, targets, load, windows)
        return findings + more, {**counts, "drained_s": round(drained, 1)}, [node.server.log() for node in world.nodes]
    finally:
        world.close()


def reachable(tenant):
    try:
        return tenant.unfinished() >= 0
    except (OSError, AssertionError):
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hooksentry", default=os.environ.get("HOOKSENTRY_BINARY"))
    parser.add_argument("--nodes", type=int, choices=(1, 2, 3), help="this many in every run")
    parser.add_argument("--report", help="a file that gets one JSON line a seed")
    parser.add_argument("--logs", help="a folder that gets the nodes' logs of seeds with findings")
    parser.add_argument("seeds", nargs="+", metavar="SEED")
    options = parser.parse_args()
    root = HERE.parents[1]
    binary = pathlib.Path(options.hooksentry or root / ".build" / "debug" / "hooksentry").resolve()
    if not os.access(binary, os.X_OK):
        sys.exit(f"{binary} is not there; build it with: swift build")
    os.environ["HOOKSENTRY_BINARY"] = str(binary)

    import plan as plans
    from world import Servers
    servers = Servers()
    bad = 0
    try:
        for seed in seeds(options.seeds):
            plan = plans.make(seed, options.nodes)
            began = time.monotonic()
            logs = []
            try:
                findings, counts, logs = run(plan, servers)
            except Exception:
                findings, counts = [f"the run broke off: {traceback.format_exc()}"], {}
            line = {"seed": seed, "nodes": plan.nodes, **counts, "seconds": round(time.monotonic() - began, 1),
                    "faults": [str(fault) for fault in plan.faults], "findings": findings[:10]}
            bad += bool(findings)
            print(f"seed {seed}: {'FINDINGS' if findings else 'good'}; {plan.nodes} nodes; "
                  + ", ".join(f"{name} {value}" for name, value in counts.items())
                  + f"; {line['seconds']} s; " + "; ".join(line["faults"]), flush=True)
            for finding in findings[:10]:
                print(f"    {finding}", flush=True)
            if options.report:
                with open(options.report, "a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
            if findings and options.logs:
                for number, log in enumerate(logs):
                    pathlib.Path(options.logs, f"seed-{seed}-node-{number}.log").write_text(log, encoding="utf-8")
    finally:
        servers.close()
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
