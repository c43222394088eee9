"""The display of a sweep that runs: its state and lines, its handler, and Ctrl-C."""

import io
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from experiments.plan import Outline, Training, make_plan, outlined
from experiments.results import verdict_totals
from snakemake_logger_plugin_mlp import LogHandler, interruption
from snakemake_logger_plugin_mlp import __main__ as running
from snakemake_logger_plugin_mlp.progress import STAGES, Networks, Progress, networks_of, stage_of
from tests.sweeps import TINY, write_config

ROOT = Path(__file__).parent.parent
JOBS = {"jobs/a": Training(100, 60.0), "jobs/b": Training(300, 60.0)}
RULES = {"plan": 1, "train": 2, "claims": 1, "report": 1, "all": 1, "total": 6}


def outline(**changed) -> Outline:
    facts = {
        "name": "tiny", "results": Path("results/tiny"), "page": "results/tiny/report.html",
        "jobs": JOBS, "finished": 0, "after": 40.0, "cores": 2,
    }  # fmt: skip
    return Outline(**(facts | changed))


def do(
    progress: Progress, job: int, rule: str, file: str, start: float, end: float, log=""
) -> None:
    progress.started(start, job, rule, file)
    progress.finished(end, job, log)


# ---------------------------------------------------------------- the state


@pytest.mark.parametrize(
    ("log", "found"),
    [
        ("690 of 690 runs trained, 0 from the cache", (690, 0)),
        ("1 of 1 run trained, 0 from the cache", (1, 0)),
        ("0 of 1,200 runs trained, 1,200 from the cache\n", (0, 1200)),
        ("a note\n2 of 5 runs trained, 3 from the cache\n4 of 4 runs trained, 0 from the cache",
         (6, 3)),
        ("", (0, 0)),
    ],
)  # fmt: skip
def test_a_jobs_log_says_how_many_networks_were_trained(log, found):
    assert networks_of(log) == found


def test_the_log_of_a_real_job_is_understood(tmp_path):
    from tests.sweeps import Sweep

    sweep = Sweep(tmp_path)
    for trained, cached in ((32, 0), (0, 32)):
        for path in (sweep.results / "jobs").glob("*"):
            path.unlink()
        sweep.train()
        assert networks_of("\n".join(sweep.said)) == (trained, cached)


def test_every_rule_that_the_snakefile_names_has_a_stage():
    text = (ROOT / "Snakefile").read_text(encoding="utf-8")
    rules = {line.split()[1].strip(":") for line in text.splitlines() if line.startswith("rule ")}
    named = {rule for mine in STAGES.values() for rule in mine}
    assert named < rules
    last = {rule for rule in rules if stage_of(rule) == "page"}
    pages = {"all", "report", "explorer", "pdf", "paper", "paper_folder"}
    assert last == pages | {"archive", "benchmark"}


def test_the_stage_is_the_first_one_with_jobs_left():
    progress = Progress(outline(), RULES, 0)
    seen = [progress.stage]
    for number, (rule, file) in enumerate([
        ("plan", "plan.txt"), ("train", "jobs/a"), ("train", "jobs/b"), ("claims", "claims.csv"),
        ("report", "report.html"),
    ]):  # fmt: skip
        do(progress, number, rule, file, 10 * number, 10 * number + 10)
        seen.append(progress.stage)
    assert seen == ["preparing", "training", "training", "tables", "page", "page"]
    assert progress.took == {
        "preparing": 10, "training": 20, "confirming": 0, "tables": 10, "figures": 0, "page": 10,
    }  # fmt: skip
    assert progress.line(50).startswith("page, done: ")


def test_networks_that_the_cache_refused_are_said_at_the_end():
    progress = Progress(outline(), RULES, 0)
    for job, file in enumerate(JOBS):
        log = "5 of 90 runs not kept in the cache, but the job is complete: it is read only\n"
        do(progress, job, "train", file, 0, 1, f"{log}90 of 90 runs trained, 0 from the cache")
    assert "cache: 10 networks not kept in it: it is read only" in [*progress.ending(2)]


def test_networks_are_counted_as_the_logs_say():
    progress = Progress(outline(), RULES, 0)
    assert progress.line(0) == "preparing, about 1 min 40 s to go: networks 0 trained, 400 left"
    do(progress, 1, "train", "jobs/a", 0, 60, "90 of 100 runs trained, 10 from the cache")
    assert progress.networks == Networks(90, 10)
    assert "networks 90 trained, 10 from the cache, 300 left" in progress.line(60)


def test_how_many_are_left_is_about_if_the_tuning_decides_it():
    progress = Progress(outline(jobs={"confirm/a": Training(140, 9.0, True)}), {"confirm": 1}, 0)
    assert "about 140 left" in progress.line(0)


def test_no_time_is_left_below_nothing_when_the_last_job_of_all_ends():
    """Snakemake's rule of all targets starts and ends as a job, and was not counted as one."""
    progress = Progress(outline(jobs={}), {"report": 1, "all": 1, "total": 2}, 0)
    do(progress, 1, "report", "report.html", 0, 5)
    do(progress, 2, "all", "", 5, 5)
    assert progress.seconds_left(5) == 0
    assert progress.line(5).startswith("page, done: ")


def test_time_left_is_the_estimate_times_what_was_measured():
    progress = Progress(outline(after=0.0, cores=1), RULES, 0)
    assert progress.seconds_left(0) == 120  # as estimated
    do(progress, 1, "train", "jobs/a", 0, 180, "100 of 100 runs trained, 0 from the cache")
    assert progress.seconds_left(180) == 180  # three times as long as estimated
    progress.started(180, 2, "train", "jobs/b")
    assert progress.seconds_left(240) == 120
    assert progress.seconds_left(1000) == 0  # late, but never below nothing


def test_networks_from_the_cache_say_nothing_of_the_speed():
    progress = Progress(outline(after=0.0, cores=1), RULES, 0)
    do(progress, 1, "train", "jobs/a", 0, 1, "0 of 100 runs trained, 100 from the cache")
    assert progress.seconds_left(1) == 60
    assert "at most 60 s to go" in progress.line(1)
    other = Progress(outline(after=0.0, cores=1), RULES, 0)
    do(other, 1, "train", "jobs/a", 0, 30, "50 of 100 runs trained, 50 from the cache")
    assert other.seconds_left(30) == 60  # 30 s for half of a job of 60 s


def test_jobs_at_once_share_the_time():
    assert Progress(outline(after=0.0, cores=2), RULES, 0).seconds_left(0) == 60
    assert Progress(outline(after=0.0, cores=64), RULES, 0).seconds_left(0) == 60  # two jobs only
    on_a_cluster = Progress(outline(after=0.0, cores=0), RULES, 0)
    on_a_cluster.started(0, 1, "train", "jobs/a")
    on_a_cluster.started(0, 2, "train", "jobs/b")
    assert on_a_cluster.seconds_left(0) == 60


def test_later_steps_lengthen_the_estimate_but_do_not_shorten_it():
    rules = {"tables": 1, "claims": 1, "figures": 1, "report": 1}
    for seconds, left in ((50, 150), (1, 30)):
        progress = Progress(outline(jobs={}), rules, 0)
        do(progress, 1, "tables", "tables/a", 0, seconds)
        assert progress.seconds_left(seconds) == left


def test_a_failure_is_counted_and_told_at_the_end():
    progress = Progress(outline(), RULES, 0)
    progress.started(0, 1, "train", "jobs/a")
    progress.failure(5, 1)
    assert progress.line(5).endswith("; 1 job failed")
    (said,) = progress.ending(6, "never shown")
    assert said == "stopped: 1 job failed; once the cause is gone, the same command goes on"


def test_the_ending_says_networks_verdicts_time_and_page():
    progress = Progress(outline(finished=1200), RULES, 0)
    do(progress, 1, "plan", "plan.txt", 0, 5)
    do(progress, 2, "train", "jobs/a", 5, 60, "90 of 100 runs trained, 10 from the cache")
    assert [*progress.ending(65, "17 planned pairs: 17 equal")] == [
        "networks: 90 trained, 10 from the cache, 1,200 there from earlier",
        "verdicts: 17 planned pairs: 17 equal",
        "time: 65 s (preparing 5 s, training 60 s)",
        "page: results/tiny/report.html",
    ]
    partly = Progress(outline(page=""), {"train": 2}, 0)
    assert [*partly.ending(9)] == [
        "networks: 0 trained, 0 from the cache", "time: 9 s (training 9 s)",
    ]  # fmt: skip


@given(st.lists(st.tuples(st.floats(0, 1e4), st.integers(0, 6), st.booleans()), max_size=30))
def test_whatever_happens_times_add_up_and_are_not_negative(events):
    progress, now = Progress(outline(), RULES, 0), 0.0
    for after, job, starts in events:
        now += after
        rule, file = ("train", f"jobs/{'ab'[job]}") if job < 2 else ("claims", "claims.csv")
        if starts:
            progress.started(now, job, rule, file)
        else:
            progress.finished(now, job, "3 of 9 runs trained, 6 from the cache")
        assert progress.seconds_left(now) >= 0
        assert progress.line(now)
    assert sum(progress.took.values()) == pytest.approx(now)


# ---------------------------------------------------------------- the outline, the totals


def test_an_outline_has_what_is_made_now_and_what_was_there(tmp_path):
    plan = make_plan(write_config(tmp_path, TINY | {"confirm": {"splits": 2, "seeds": 3}}))
    results, jobs = Path("results/tiny"), (plan.jobs, plan.confirm_jobs)
    first = f"results/tiny/jobs/{plan.jobs[0].name}.bin"
    whole = outlined(plan, jobs, results, {first, "results/tiny/report.html"}, 2)
    assert whole.jobs == {first: Training(32, plan.jobs[0].seconds)}
    assert whole.page == "results/tiny/report.html"
    assert whole.finished == sum(job.likely_runs for job in plan.confirm_jobs) > 0
    part = outlined(plan, jobs, results, set())
    assert (part.page, part.jobs) == ("", {})
    assert part.finished == whole.finished + 32


def test_totals_count_each_planned_pair_and_judged_claim_once(tmp_path):
    tables = tmp_path / "tables"
    tables.mkdir()
    head = "dataset,facet,a,b,difference,verdict_kind,verdict\n"
    kinds = [
        "better",
        "relevant",
        "negligible",
        "equivalent",
        "identical",
        "inconclusive",
        "absent",
    ]
    rows = "".join(f"iris,,A,B{n},1.0,{kind},said\n" for n, kind in enumerate(kinds))
    (tables / "acts-hidden-tests.csv").write_text(head + rows)
    (tables / "acts-hidden-rank-tests.csv").write_text("facet,a,b\n")
    assert verdict_totals(tmp_path) == ("7 pairs: 2 differ, 3 equal, 1 undecided, 1 without runs")
    verdicts = ["holds", "in part", "not run", "not tested"]
    text = "".join(f"N{n},a claim,s-x,{verdict}\n" for n, verdict in enumerate(verdicts))
    (tmp_path / "claims.csv").write_text(f"id,claim,comparison,verdict\n{text}")
    assert verdict_totals(tmp_path).endswith("1 without runs; 1 of 2 claims holds")
    planned = head.replace("\n", ",family\n") + "iris,,A,B,1.0,better,said,headline\n"
    (tables / "acts-hidden-planned.csv").write_text(planned)
    (tables / "other-hidden-tests.csv").write_text(head + rows)  # of which nothing is planned
    assert verdict_totals(tmp_path) == "1 planned pair: 1 differ; 1 of 2 claims holds"
    (tmp_path / "claims.csv").write_text("id,claim,comparison,verdict\nN3,a claim,,holds\n")
    assert verdict_totals(tmp_path) == "1 planned pair: 1 differ"  # no study tests it


def test_totals_of_nothing_are_nothing(tmp_path):
    assert verdict_totals(tmp_path) == ""


# ---------------------------------------------------------------- the handler


class Display:
    """A handler whose clock and terminal are the test's."""

    def __init__(self, terminal: bool = False, **settings) -> None:
        facts = {"stdout": False, "nocolor": False, "dryrun": False, "show_failed_logs": True}
        self.handler = LogHandler(SimpleNamespace(**(facts | settings)), None)
        self.stream, self.now = io.StringIO(), 0.0
        self.handler.clock = lambda: self.now
        self.handler.console = Console(
            file=self.stream, force_terminal=terminal, width=100, soft_wrap=True,
            color_system="standard" if terminal else None, _environ={"TERM": "xterm"},
        )  # fmt: skip

    def tell(self, event=None, message="", level=logging.INFO, **facts) -> None:
        record = logging.makeLogRecord({"msg": message, "levelno": level, "event": event, **facts})
        self.handler.handle(record)

    @property
    def said(self) -> list[str]:
        return self.stream.getvalue().splitlines()


@pytest.fixture
def raised(monkeypatch):
    """Errors in a handler are errors of the test."""
    monkeypatch.setattr(LogHandler, "handleError", lambda self, record: (_ for _ in ()).throw(
        sys.exc_info()[1]
    ))  # fmt: skip


def begin(display: Display, **changed) -> None:
    display.tell("run_info", stats=RULES)
    display.tell(message="tiny: 2 jobs", outline=outline(**changed))


def job(display: Display, number: int, rule: str, file: str, log: Path | None = None) -> None:
    logs = [str(log)] if log else []
    display.tell("job_info", jobid=number, rule_name=rule, output=[file], log=logs)


@pytest.mark.usefixtures("raised")
def test_without_a_terminal_a_line_comes_at_each_stage_and_each_minute(tmp_path):
    display = Display()
    display.tell(message="Building DAG of jobs...")
    assert display.said == []
    begin(display)
    job(display, 1, "plan", "plan.txt")
    display.tell("job_finished", job_id=1)
    log = tmp_path / "a.log"
    log.write_text("100 of 100 runs trained, 0 from the cache")
    job(display, 2, "train", "jobs/a", log)
    assert [line.split(",")[0] for line in display.said] == ["preparing", "training"]
    display.now = 59
    display.tell("progress", done=1, total=6)
    assert len(display.said) == 2
    display.now = 60
    display.tell("job_finished", job_id=2)
    assert display.said[2].startswith("training, about ")
    assert display.said[2].endswith(" to go: networks 100 trained, 300 left")
    assert "\x1b" not in display.stream.getvalue()


@pytest.mark.usefixtures("raised")
def test_on_a_terminal_the_line_is_rewritten_and_gone_at_the_end():
    display = Display(terminal=True)
    begin(display, page="")
    assert display.handler.live.is_started
    line = "preparing, about 1 min 40 s to go: networks 0 trained, 400 left"
    assert str(display.handler._line()) == line
    display.tell("progress", done=6, total=6)
    display.handler.close()
    assert "\x1b[2K" in display.stream.getvalue()  # the line is erased
    assert display.said[-2].endswith("networks: 0 trained, 0 from the cache")


@pytest.mark.usefixtures("raised")
def test_a_failed_job_is_red_with_the_path_and_the_end_of_its_log(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("\n".join(map(str, range(100))) + "\nthe cause")
    display = Display(terminal=True)
    begin(display)
    job(display, 2, "train", "jobs/a", log)
    error = logging.ERROR
    display.tell("job_error", level=error, jobid=2, rule_name="train", log=[str(log)])
    display.tell("error", "RuleException:\nCalledProcessError in file", error, exception="x")
    display.tell("error", "At least one job did not complete successfully.", error, exception="x")
    display.handler.close()
    text = display.stream.getvalue()
    assert f"\x1b[1;31mfailed: train: see {log}\x1b[0m" in text
    assert "the cause" in text
    assert "CalledProcessError" not in text
    assert "At least one job" not in text
    assert "1 job failed; once the cause is gone, the same command goes on" in text


@pytest.mark.usefixtures("raised")
def test_other_errors_and_warnings_are_shown():
    display = Display()
    display.tell("error", "there is no config x", logging.ERROR, exception="WorkflowError")
    display.tell(message="a warning", level=logging.WARNING)
    display.handler.close()
    assert display.said == ["there is no config x", "a warning"]


@pytest.mark.usefixtures("raised")
@pytest.mark.parametrize("there", [True, False])
def test_nothing_to_do_is_one_line(tmp_path, monkeypatch, there):
    monkeypatch.chdir(tmp_path)
    if there:
        Path("results/tiny").mkdir(parents=True)
        Path("results/tiny/report.html").touch()
    display = Display()
    display.tell("workflow_started", configfiles=["some/tiny.yaml"], basedir=str(tmp_path))
    display.tell(message="Nothing to be done (all requested files are present and up to date).")
    display.handler.close()
    page = "; page: results/tiny/report.html" if there else ""
    assert display.said == [f"nothing to do: all that was asked for is up to date{page}"]


@pytest.mark.usefixtures("raised")
def test_a_dry_run_is_shown_as_by_snakemake_itself():
    display = Display(dryrun=True)
    display.tell(message="This was a dry-run")
    assert display.said == ["This was a dry-run"]


@pytest.mark.usefixtures("raised")
def test_closing_twice_says_the_last_words_once():
    """Python closes every handler once more when it ends."""
    display = Display()
    begin(display)
    display.tell("progress", done=6, total=6)
    display.handler.close()
    once = display.said
    display.handler.close()
    assert display.said == once


def test_snakemake_says_that_nothing_is_to_be_done_in_the_words_that_are_known():
    from snakemake.common import NOTHING_TO_BE_DONE_MSG

    from snakemake_logger_plugin_mlp.handler import NOTHING

    assert NOTHING_TO_BE_DONE_MSG.startswith(NOTHING)


def test_snakemake_finds_the_plugin_by_its_name():
    from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry

    assert LoggerPluginRegistry().get_plugin("mlp").log_handler is LogHandler


# ---------------------------------------------------------------- Ctrl-C


@pytest.fixture
def interrupted(monkeypatch):
    """The mark of an interruption, cleared; the signal's handler is put back."""
    before = signal.getsignal(signal.SIGINT)
    interruption.INTERRUPTED.clear()
    yield interruption.INTERRUPTED
    interruption.INTERRUPTED.clear()
    signal.signal(signal.SIGINT, before)


def test_only_the_first_signal_interrupts(interrupted):
    with pytest.raises(KeyboardInterrupt):
        interruption.interrupt(signal.SIGINT, None)
    interruption.interrupt(signal.SIGINT, None)
    assert interrupted.is_set()


@pytest.mark.parametrize(
    ("ending", "pressed", "code"),
    [(SystemExit(0), False, 0), (SystemExit(1), False, 1), (SystemExit(1), True, 130),
     (KeyboardInterrupt(), True, 130), (SystemExit(0), True, 0), (SystemExit("x"), False, 1)],
)  # fmt: skip
def test_the_exit_code_is_snakemakes_or_that_of_an_interruption(
    interrupted, monkeypatch, capsys, ending, pressed, code
):
    def snakemake(words):
        if pressed:
            interrupted.set()
        raise ending

    monkeypatch.setattr("snakemake.cli.main", snakemake)
    assert running.main(["-n"]) == code
    said = "interrupted; the same command goes on\n" if code == 130 else ""
    assert capsys.readouterr().err == said


def test_the_display_is_silent_once_interrupted(interrupted):
    display = Display()
    interrupted.set()
    begin(display)
    display.tell("error", "At least one job did not complete", logging.ERROR, exception="x")
    display.handler.close()
    assert display.said == []


LONG = TINY | {"studies": {"activations": TINY["studies"]["activations"] | {
    "base": {"layers": [5], "epochs": 100_000},
}}}  # fmt: skip


@pytest.mark.slow
def test_a_real_run_that_is_interrupted_says_one_line_and_ends_with_130(tmp_path):
    write_config(tmp_path, LONG)
    with subprocess.Popen(
        [sys.executable, "-m", "experiments", "run", "tiny.yaml", "--cores", "1"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
        stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        said = []
        for line in process.stderr:
            said.append(line)
            if line.startswith("training,"):
                os.killpg(process.pid, signal.SIGINT)
    assert process.returncode == 130
    after = said[next(n for n, line in enumerate(said) if line.startswith("training,")) + 1 :]
    assert after == ["interrupted; the same command goes on\n"]


@pytest.mark.slow
def test_a_run_says_its_page_only_if_it_made_it_and_then_that_nothing_is_to_do(tmp_path):
    write_config(tmp_path, TINY)

    def run(*words):
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=tmp_path, capture_output=True, text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True,
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        return done.stderr.splitlines()

    mine = ("experiments", "run", "tiny.yaml")
    assert not any("report.html" in line for line in run(*mine, "results/tiny/runs.csv"))
    said = run(*mine)
    assert said[-1] == "page: results/tiny/report.html"
    assert "networks: 0 trained, 0 from the cache, 32 there from earlier" in said
    assert run(*mine)[-1] == (
        "nothing to do: all that was asked for is up to date; page: results/tiny/report.html"
    )
    alone = ("snakemake", "-s", str(ROOT / "Snakefile"), "--configfile=tiny.yaml", "--cores=1")
    Path(tmp_path / "results/tiny/runs.csv").unlink()
    found = run(*alone, "results/tiny/runs.csv")
    assert not any(line.startswith("The report is") for line in found)
