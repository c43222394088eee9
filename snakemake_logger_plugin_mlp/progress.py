"""How far a sweep is, as a function of what happened: the state, its line and its last words.

Nothing here reads a clock, a file or a terminal: each event comes with its time in seconds.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from experiments.base import counted, duration
from experiments.plan import Outline, Training

STAGES = {
    "preparing": ("data", "plan"),
    "training": ("train",),
    "confirming": ("confirm",),
    "tables": ("collect", "provenance", "tables", "baselines", "equations", "probes", "claims"),
    "figures": ("figures", "figures_pdf"),
    "page": (),
}
"""The stages in their order with their rules; rules that are not named belong to the last."""

NO_WORK = ("all", "total")
"""What Snakemake counts among the rules, and is no work."""

TRAINING = (*STAGES["training"], *STAGES["confirming"])

_SAID = re.compile(r"([\d,]+) of [\d,]+ runs? trained, ([\d,]+) from the cache")
_NOT_KEPT = re.compile(r"([\d,]+) of [\d,]+ runs? not kept in the cache.*?: (.*)")


class Networks(NamedTuple):
    """How many networks were trained, and how many the cache had."""

    trained: int = 0
    cached: int = 0


def networks_of(log: str) -> Networks:
    """Return what the log of a training job says of its networks.

    >>> networks_of("1,080 of 1,200 runs trained, 120 from the cache")
    Networks(trained=1080, cached=120)
    """
    found = [[int(text.replace(",", "")) for text in pair] for pair in _SAID.findall(log)]
    return Networks(*map(sum, zip(*found, strict=True))) if found else Networks()


def not_kept(log: str) -> tuple[int, str]:
    """Return how many runs the cache refused, as the log of a training job says, and why.

    >>> not_kept("2 of 30 runs not kept in the cache, but the job is complete: it is read only")
    (2, 'it is read only')
    """
    found = _NOT_KEPT.search(log)
    return (int(found[1].replace(",", "")), found[2]) if found else (0, "")


def stage_of(rule: str) -> str:
    """Return the stage of a rule.

    >>> stage_of("claims"), stage_of("explorer")
    ('tables', 'page')
    """
    return next((stage for stage, rules in STAGES.items() if rule in rules), [*STAGES][-1])


class Started(NamedTuple):
    """A job that began at a time: its rule and its first file."""

    rule: str
    file: str
    time: float


class Progress:
    """The state of a sweep that runs; `rules` are how many jobs each rule has."""

    def __init__(self, outline: Outline, rules: Mapping[str, int], now: float) -> None:
        self.outline = outline
        self.left = Counter({rule: number for rule, number in rules.items() if rule not in NO_WORK})
        self.waiting = dict(outline.jobs)
        self.running: dict[int, Started] = {}
        self.networks = Networks()
        self.not_kept, self.why_not_kept = 0, ""
        self.failed = 0
        self.took = dict.fromkeys(STAGES, 0.0)
        self._now = now
        self._later = self._count_later()
        self._spent_later = 0.0
        self._at_once = 0
        self._spent, self._expected = 0.0, 0.0

    @property
    def stage(self) -> str:
        """The first stage that has jobs left; the last one if none has."""
        open_ = {stage_of(rule) for rule, number in self.left.items() if number}
        return next((stage for stage in STAGES if stage in open_), [*STAGES][-1])

    def _count_later(self) -> int:
        return sum(number for rule, number in self.left.items() if rule not in TRAINING)

    def _pass(self, now: float) -> None:
        """Give the time since the last event to the stage that it was spent in."""
        self.took[self.stage] += now - self._now
        self._now = now

    def started(self, now: float, job: int, rule: str, file: str) -> None:
        """Note that a job began; `file` is the first file that it makes."""
        self._pass(now)
        self.running[job] = Started(rule, file, now)
        self._at_once = max(self._at_once, len(self._training()))

    def finished(self, now: float, job: int, log: str = "") -> None:
        """Note that a job ended well; `log` is the text of its log."""
        self._pass(now)
        if job not in self.running:
            return
        started = self.running.pop(job)
        if started.rule in self.left:
            self.left[started.rule] -= 1
        if expected := self.waiting.pop(started.file, None):
            self._trained(expected, networks_of(log), now - started.time)
            number, why = not_kept(log)
            self.not_kept, self.why_not_kept = self.not_kept + number, self.why_not_kept or why
        else:
            self._spent_later += now - started.time

    def _trained(self, expected: Training, found: Networks, seconds: float) -> None:
        self.networks = Networks(*map(sum, zip(self.networks, found, strict=True)))
        if found.trained:
            self._spent += seconds
            self._expected += expected.seconds * found.trained / sum(found)

    def failure(self, now: float, job: int) -> None:
        """Note that a job failed."""
        self._pass(now)
        self.running.pop(job, None)
        self.failed += 1

    def _training(self) -> list[Started]:
        return [one for one in self.running.values() if one.file in self.waiting]

    def seconds_left(self, now: float) -> float:
        """Return about how long it takes from now to the end.

        It is the plan's estimate of what is left, times how much longer than estimated the jobs
        took that have trained, divided by how many run at once.
        """
        scale = self._spent / self._expected if self._expected else 1.0
        training = scale * sum(one.seconds for one in self.waiting.values())
        for one in self._training():
            training -= min(now - one.time, scale * self.waiting[one.file].seconds)
        at_once = min(self.outline.cores or self._at_once, len(self.waiting))
        return training / max(at_once, 1) + self._later_left()

    def _later_left(self) -> float:
        """Return about how long the steps that train nothing take.

        They are estimated alike. The first ones are the shortest, so that they can only show that
        the estimate is too small.
        """
        if not self._later:
            return 0.0
        each = self.outline.after / self._later
        left = self._count_later()
        if left < self._later:
            each = max(each, self._spent_later / (self._later - left))
        return left * each

    def line(self, now: float) -> str:
        """Return the line that says how far the sweep is."""
        parts = [f"{self.networks.trained:,} trained"]
        if self.networks.cached:
            parts.append(f"{self.networks.cached:,} from the cache")
        if self.waiting:
            number = sum(one.networks for one in self.waiting.values())
            about = "about " if any(one.open for one in self.waiting.values()) else ""
            parts.append(f"{about}{number:,} left")
        line = f"{self.stage}, {self._time_left(now)}: networks {', '.join(parts)}"
        return line + (f"; {counted(self.failed, 'job')} failed" if self.failed else "")

    def _time_left(self, now: float) -> str:
        if not any(self.left.values()):
            return "done"
        at_most = self.networks.cached and not self._expected and self.waiting
        return f"{'at most' if at_most else 'about'} {duration(self.seconds_left(now))} to go"

    def ending(self, now: float, verdicts: str = "") -> Iterator[str]:
        """Yield what to say at the end; `verdicts` is how the pairs and the claims came out."""
        self._pass(now)
        if self.failed:
            yield (
                f"stopped: {counted(self.failed, 'job')} failed; once the cause is gone, the same "
                "command goes on"
            )
            return
        there = self.outline.finished
        earlier = f", {there:,} there from earlier" if there else ""
        trained, cached = self.networks
        yield f"networks: {trained:,} trained, {cached:,} from the cache{earlier}"
        if self.not_kept:
            yield f"cache: {counted(self.not_kept, 'network')} not kept in it: {self.why_not_kept}"
        if verdicts:
            yield f"verdicts: {verdicts}"
        stages = [f"{stage} {duration(self.took[stage])}" for stage in STAGES if self.took[stage]]
        yield f"time: {duration(sum(self.took.values()))} ({', '.join(stages)})"
        if self.outline.page:
            yield f"page: {self.outline.page}"
