"""Kill a small sweep at random moments, run it again, compare what it gives: the long loop.

    python -m tests.faults --kills 30 --seed 1 OUT.csv

writes a row for each kill. Snakemake runs in a session of its own, and only processes of that
session are ever sent a signal. Needs Linux (/proc, pidfd).
"""

import argparse
import contextlib
import csv
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd

from docs.running import clone_to
from tests.sweeps import write_config

JOB_SECONDS = 0.00055
JOBS = 20
LIMIT = 300.0
PATIENCE = 40.0
SWEEP = {
    "seeds": 8,
    "confirm": "none",
    "studies": {
        "activations": {
            "datasets": ["iris", "wine"],
            "base": {"layers": [5], "epochs": 3},
            "grid": {"hidden": ["sigmoid", "tanh"], "eta": [0.1, 1.0]},
            "compare": "hidden",
            "tune": "eta",
        }
    },
}
"""Twenty train jobs of a moment each: most of the time goes by with the starts of processes."""

TABLE = "activations-hidden-tests.csv"


def checkout(folder: Path, sweep: dict | None = None) -> Path:
    """Copy the project without results into a new folder, with a small config; return it."""
    write_config(clone_to(folder), sweep or SWEEP)
    return folder


class Started:
    """Snakemake in a session of its own, and whatever it starts there."""

    def __init__(self, folder: Path, *words: str, cache: Path | None = None) -> None:
        self.output = folder / "output.txt"
        environment = os.environ | {"PYTHONPATH": str(folder)}
        environment.pop("MLP_CACHE", None)
        if cache:
            environment["MLP_CACHE"] = str(cache)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "snakemake", "--cores", "2", *words],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.session = self.process.pid

    def wait(self) -> int:
        """Wait for Snakemake itself, and return its exit code."""
        return self.process.wait(timeout=LIMIT)

    def said(self) -> str:
        """Return what Snakemake has written so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def others(self) -> dict[int, str]:
        """Return the session's living processes beside Snakemake, with their commands."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            pid = int(folder.name)
            try:
                mine = pid != self.session and os.getsid(pid) == self.session
                command = (folder / "cmdline").read_bytes() if mine else b""
            except OSError:  # it has ended meanwhile
                continue
            if command:  # a process that has ended and was not waited for has none
                found[pid] = command.replace(b"\0", b" ").decode(errors="replace").strip()
        return found

    def jobs(self) -> dict[int, str]:
        """Return the living Python processes that work for rules, and the rules' commands."""
        found = {}
        for pid, command in self.others().items():
            interpreter, _, rest = command.partition(" -m experiments ")
            if rest and " " not in interpreter and "python" in Path(interpreter).name:
                found[pid] = rest.split()[0]
        return found

    def send(self, pid: int, number: int) -> bool:
        """Send a signal to a process if it is one of this session; return whether it was sent."""
        try:
            handle = os.pidfd_open(pid)
        except OSError:
            return False
        try:
            if os.getsid(pid) != self.session:
                return False
            signal.pidfd_send_signal(handle, number)
        except OSError:
            return False
        finally:
            os.close(handle)
        return True

    def end(self) -> None:
        """End whatever of the session still lives."""
        for pid in [self.session, *self.others()]:
            self.send(pid, signal.SIGKILL)
        self.process.wait(timeout=LIMIT)


def control_c(run: Started) -> str:
    """Send SIGINT to Snakemake and its jobs, as a terminal does."""
    for pid in [run.session, *run.others()]:
        run.send(pid, signal.SIGINT)
    return "SIGINT of Snakemake and its jobs"


def interrupt(run: Started) -> str:
    """Send SIGINT to Snakemake alone."""
    run.send(run.session, signal.SIGINT)
    return "SIGINT of Snakemake"


def terminate(run: Started) -> str:
    """Send SIGTERM to Snakemake alone."""
    run.send(run.session, signal.SIGTERM)
    return "SIGTERM of Snakemake"


def kill_job(run: Started) -> str:
    """Send SIGKILL to a train job, the first that lives from now on."""
    while run.process.poll() is None:
        for pid, rule in run.jobs().items():
            if rule == "train" and run.send(pid, signal.SIGKILL):
                return "SIGKILL of a train job"
        time.sleep(0.002)
    return ""


def kill_snakemake(run: Started) -> str:
    """Send SIGKILL to Snakemake; its jobs live on."""
    run.send(run.session, signal.SIGKILL)
    return "SIGKILL of Snakemake"


KILLS: tuple[Callable[[Started], str], ...] = (
    control_c,
    interrupt,
    terminate,
    kill_job,
    kill_snakemake,
)


@dataclass
class Kill:
    """What one kill met and what came after."""

    number: int
    signal: str
    second: float
    at_work: str
    jobs_finished: int
    runs_cached: int
    exit_code: int
    orphans: int
    hung: bool
    unlocked: bool = False
    jobs_redone: int = 0
    runs_redone: int = 0
    completed: bool = False
    same: bool | None = None


def words(folder: Path) -> list[str]:
    """Return the words of the command that makes the sweep's tables."""
    config = ["--configfile", str(next(folder.glob("*.yaml")).name)]
    options = ["--config", f"job_seconds={JOB_SECONDS}", "--"]
    return [*config, *options, f"results/tiny/tables/{TABLE}"]


def hashes(results: Path) -> dict[str, str]:
    """Return the hash of each file that may not change; of the runs' table without seconds."""
    runs = pd.read_parquet(results / "runs.parquet").drop(columns="seconds")
    found = {"runs.parquet": runs.to_csv(index=False).encode()}
    found["curves.parquet"] = (results / "curves.parquet").read_bytes()
    for path in sorted((results / "tables").iterdir()):
        found[f"tables/{path.name}"] = path.read_bytes()
    return {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}


def written(folder: Path, pattern: str) -> dict[str, tuple[int, int]]:
    """Return the files of a pattern with what changes whenever one is written again."""
    facts = {}
    for path in folder.glob(pattern):
        state = path.stat()
        facts[path.name] = (state.st_ino, state.st_mtime_ns)
    return facts


def redone(before: dict[str, tuple], after: dict[str, tuple]) -> int:
    """Return how many files that were there before were written again."""
    return sum(after.get(name) != facts for name, facts in before.items())


class Loop:
    """A sweep that is killed again and again, and its undisturbed twin.

    The twin is not run where its hashes and about the seconds that it takes are given.
    """

    def __init__(
        self, folder: Path, seed: int, expected: dict[str, str] | None = None, seconds: float = 8
    ) -> None:
        self.random = random.Random(seed)
        self.stormy = checkout(folder / "stormy")
        if expected:
            self.expected, self.seconds = expected, seconds
            return
        self.calm = checkout(folder / "calm")
        start = time.monotonic()
        run = Started(self.calm, *words(self.calm))
        if run.wait():
            raise AssertionError(f"the undisturbed sweep fails:\n{run.said()}")
        self.seconds = time.monotonic() - start
        self.expected = hashes(self.calm / "results/tiny")

    def forget(self) -> None:
        """Begin anew: no results, no data, no cache."""
        for name in ("results", "data", ".snakemake"):
            shutil.rmtree(self.stormy / name, ignore_errors=True)

    def kills(self, count: int) -> Iterator[list[Kill]]:
        """Yield the kills of one sweep after another, until there are `count`.

        After each kill the sweep is run again; half of these runs are killed in their turn.
        The kinds come in turn, in an order of the seed; the moments are uniform over the time
        that an undisturbed sweep takes.
        """
        done, waiting, order = 0, [], []
        self.forget()
        while done < count:
            order = order or self.random.sample(KILLS, len(KILLS))
            kill = self.strike(done + 1, order[-1], waiting[-1] if waiting else None)
            if kill:
                order.pop()
                done += 1
                waiting.append(kill)
                if done < count and self.random.random() < 0.5:
                    continue
                self.recover(kill)
            if waiting:  # the sweep is finished, after the last blow or faster than the next
                yield self._compared(waiting)
            waiting = []
            self.forget()

    def strike(self, number: int, kind: Callable[[Started], str], last: Kill | None) -> Kill | None:
        """Start the sweep and strike at a random moment; None if it ended before.

        What this run does again is noted with the kill before it, `last`.
        """
        moment = self.random.uniform(0, self.seconds)
        before = self._state()
        run = Started(self.stormy, *words(self.stormy))
        try:
            start = time.monotonic()
            with contextlib.suppress(subprocess.TimeoutExpired):
                if kind is kill_job:  # its moment lies within the training
                    moment = self._train_jobs(run, self.random.uniform(0, JOBS))
                if run.process.wait(timeout=moment) and last and "--unlock" in run.said():
                    self._unlock(last)
                    return self.strike(number, kind, last)
            at_work = sorted(run.jobs().values())
            sent = kind(run) if run.process.poll() is None else ""
            second = time.monotonic() - start
            code, hung = self._ended(run)
            if code and not sent:
                raise AssertionError(f"the sweep failed by itself:\n{run.said()}")
            after = self._state()
            if last:
                self._note_redone(last, before, after)
            if code == 0:
                return None
            return Kill(
                number,
                sent,
                round(second, 2),
                " ".join(at_work) or "Snakemake alone",
                len(after[0]),
                len(after[1]),
                code,
                len(run.jobs()),
                hung,
            )
        except BaseException:
            run.end()
            raise

    @staticmethod
    def _ended(run: Started) -> tuple[int, bool]:
        """Wait for Snakemake's end; return its exit code, and whether it had to be helped.

        Snakemake 9.27 waits for ever if SIGTERM comes while its scheduler holds the lock that
        its handler asks for. There is nothing left then but SIGKILL.
        """
        try:
            return run.process.wait(timeout=PATIENCE), False
        except subprocess.TimeoutExpired:
            if run.jobs():
                return run.wait(), False
            run.send(run.session, signal.SIGKILL)
            return run.wait(), True

    def _train_jobs(self, run: Started, count: float) -> float:
        """Wait for train jobs to have begun, so many; return how long to wait then."""
        seen: set[int] = set()
        while run.process.poll() is None and len(seen) < count:
            seen |= {pid for pid, rule in run.jobs().items() if rule == "train"}
            time.sleep(0.005)
        return 0.2 * self.random.random()

    def recover(self, kill: Kill) -> None:
        """Run the sweep to its end, and note what was done again."""
        before = self._state()
        run = Started(self.stormy, *words(self.stormy))
        if run.wait() and "--unlock" in run.said():
            self._unlock(kill)
            run = Started(self.stormy, *words(self.stormy))
        if run.wait():
            raise AssertionError(f"the sweep cannot be finished:\n{run.said()}")
        self._note_redone(kill, before, self._state())

    def _unlock(self, kill: Kill) -> None:
        kill.unlocked = True
        run = Started(self.stormy, *words(self.stormy)[:2], "--unlock")
        if run.wait():
            raise AssertionError(f"--unlock fails:\n{run.said()}")

    def _state(self) -> tuple[dict, dict]:
        results = self.stormy / "results"
        return written(results, "tiny/jobs/*.bin"), written(results, "cache/*/*.run")

    @staticmethod
    def _note_redone(kill: Kill, before: tuple[dict, dict], after: tuple[dict, dict]) -> None:
        kill.jobs_redone += redone(before[0], after[0])
        kill.runs_redone += redone(before[1], after[1])

    def _compared(self, kills: list[Kill]) -> list[Kill]:
        kills[-1].completed = True
        same = hashes(self.stormy / "results/tiny") == self.expected
        for kill in kills:
            kill.same = same
        return kills


def main() -> int:
    """Run the loop and write a table of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("out", type=Path, help="the table to write, a row for each kill")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    same = True
    with tempfile.TemporaryDirectory() as folder, args.out.open("w", newline="") as file:
        table = csv.DictWriter(file, [f.name for f in fields(Kill)])
        table.writeheader()
        loop = Loop(Path(folder), args.seed)
        jobs = len(list((loop.calm / "results/tiny/jobs").iterdir()))
        print(f"undisturbed: {jobs} train jobs, {loop.seconds:.1f} s", flush=True)
        for kills in loop.kills(args.kills):
            for kill in kills:
                table.writerow(asdict(kill))
                print(kill, flush=True)
            file.flush()
            same = same and all(kill.same for kill in kills)
    print("every sweep gave the same bytes" if same else "NOT THE SAME")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
