"""From a seed to a plan: how many nodes, which faults, when and for how long. Pure, so that a seed replays."""
import dataclasses
import random

#: What each fault needs to be undone, and whether a delivery may come twice because of it. A fault that loses a
#: settlement after the receiver's 2xx (a dying or cut-off worker, a store that dies) may; the others must not.
KINDS = {
    # name: (weight, shortest seconds, longest seconds, may duplicate)
    "kill node": (4, 0.2, 3, True),
    "restart node": (2, 0.2, 1, False),
    "freeze node": (3, 1, 14, True),
    "cut store": (3, 0.5, 5, True),
    "cut broker": (3, 0.5, 5, True),
    "silence store": (2, 1, 14, True),
    "silence broker": (2, 1, 14, True),
    "delay store": (2, 1, 5, False),
    "delay broker": (2, 1, 5, False),
    "restart postgres": (2, 0.2, 3, True),
    "crash postgres": (2, 0.2, 3, True),
    "restart rabbitmq": (2, 0.2, 2, True),
    "kill rabbitmq": (1, 0.2, 2, True),
    "wipe rabbitmq": (2, 0.2, 2, True),
    "fill disk": (2, 1, 4, True),
    "step node clock": (2, 2, 8, False),
    "step store clock": (1, 2, 6, False),
    "break destination": (3, 1, 6, False),
    "hang destination": (2, 1, 6, False),
    "reset destination": (2, 1, 6, False),
}


@dataclasses.dataclass(frozen=True)
class Fault:
    at: float  #: Seconds after the load began.
    kind: str
    seconds: float
    target: int  #: Which node or destination, taken modulo their number.
    amount: float  #: Seconds of a delay or a clock step.

    @property
    def may_duplicate(self):
        return KINDS[self.kind][3]

    def __str__(self):
        return f"{self.at:.1f}s {self.kind} #{self.target} for {self.seconds:.1f}s"


@dataclasses.dataclass(frozen=True)
class Plan:
    seed: int
    nodes: int
    seconds: float  #: How long the load lasts.
    faults: tuple


def make(seed, nodes=None):
    chance = random.Random(seed)
    node_count = nodes or chance.randint(1, 3)
    seconds = chance.uniform(6, 10)
    faults = []
    for _ in range(chance.randint(2, 5)):
        kind = chance.choices(list(KINDS), [kind[0] for kind in KINDS.values()])[0]
        _, shortest, longest, _ = KINDS[kind]
        amount = {
            "delay store": chance.uniform(0.01, 0.2), "delay broker": chance.uniform(0.01, 0.2),
            "step node clock": chance.choice([-1, 1]) * 10 ** chance.uniform(0.5, 5),
            # A store whose clock falls back by an hour makes retries wait an hour: that is what was asked of it.
            "step store clock": chance.uniform(-2, 2),
        }.get(kind, 0)
        faults.append(Fault(chance.uniform(0.5, seconds - 1), kind, chance.uniform(shortest, longest),
                            chance.randrange(60), amount))
    return Plan(seed, node_count, seconds, tuple(sorted(faults, key=lambda fault: fault.at)))
