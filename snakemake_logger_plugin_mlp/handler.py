"""Takes Snakemake's events, keeps the progress, and shows it: in a line that is rewritten, or in
lines one after another if there is no terminal."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text
from snakemake_interface_logger_plugins.base import LogHandlerBase

from experiments.base import files
from experiments.plan import Outline, chosen_config
from snakemake_logger_plugin_mlp.interruption import INTERRUPTED
from snakemake_logger_plugin_mlp.progress import Progress

EVERY = 60.0
"""Seconds between two lines of one stage, if there is no terminal."""
LOOKS = 5.0
"""Seconds between two looks whether such a line is due."""

SAID_BETTER = (
    "Exiting because a job execution failed",
    "At least one job did not complete",
    "CalledProcessError",
)
"""What Snakemake says of a failed job besides; the display names the job and its log."""

NOTHING = "Nothing to be done"


class LogHandler(LogHandlerBase):
    """The display `--logger mlp`; a dry run is shown as Snakemake shows it by itself."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = False
    needs_rulegraph = False

    def __post_init__(self) -> None:
        settings = self.common_settings
        self.console = Console(
            stderr=not settings.stdout,
            no_color=True if settings.nocolor else None,
            highlight=False,
            soft_wrap=True,
        )
        self.clock: Callable[[], float] = time.monotonic
        self.progress: Progress | None = None
        self.live: Live | None = None
        self.rules: dict[str, int] = {}
        self.logs: dict[int, list[str]] = {}
        self.page: Path | None = None
        self.whole = False
        self._last = ("", 0.0)
        self._over = threading.Event()

    # ---- events ----

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record of Snakemake's log. What goes wrong here stops no sweep."""
        try:
            if self.common_settings.dryrun:
                self._say(self.format(record))
            elif not INTERRUPTED.is_set():
                self._take(record)
        except Exception:
            self.handleError(record)

    def _take(self, record: Any) -> None:
        outline: Outline | None = getattr(record, "outline", None)
        event, now = getattr(record, "event", None), self.clock()
        take = getattr(self, f"_{event}", None) if event else None
        if outline:
            self._begin(outline, now)
        elif take:
            take(record, now)
        elif record.getMessage().startswith(NOTHING):
            self._nothing()
        elif record.levelno >= logging.WARNING:
            self._warn(record)
        self._show(now)

    def _begin(self, outline: Outline, now: float) -> None:
        self.progress = Progress(outline, self.rules, now)
        if self.console.is_terminal and not self.console.is_dumb_terminal:
            self.live = Live(
                get_renderable=self._line, console=self.console, refresh_per_second=2,
                transient=True, redirect_stdout=False,
            )  # fmt: skip
            self.live.start()
        else:  # events may be far apart
            threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while not self._over.wait(LOOKS):
            with self.lock:
                if not INTERRUPTED.is_set():
                    self._show(self.clock())

    def _workflow_started(self, record: Any, now: float) -> None:
        config = chosen_config(record.configfiles, Path(record.basedir))
        self.page = Path("results") / Path(config).stem / files.PAGE

    def _run_info(self, record: Any, now: float) -> None:
        self.rules = dict(record.stats)

    def _job_info(self, record: Any, now: float) -> None:
        self.logs[record.jobid] = list(record.log)
        if self.progress:
            file = record.output[0] if record.output else ""
            self.progress.started(now, record.jobid, record.rule_name, file)

    def _job_finished(self, record: Any, now: float) -> None:
        if self.progress:
            self.progress.finished(now, record.job_id, self._log(record.job_id))

    def _job_error(self, record: Any, now: float) -> None:
        if self.progress:
            self.progress.failure(now, record.jobid)
        where = f": see {', '.join(record.log)}" if record.log else ""
        self._say(f"failed: {record.rule_name}{where}", style="bold red")
        if self.common_settings.show_failed_logs:
            self._say(_last_lines(_texts(record.log)))

    def _progress(self, record: Any, now: float) -> None:
        self.whole = record.done == record.total

    def _error(self, record: Any, now: float) -> None:
        self._warn(record)

    def _warn(self, record: logging.LogRecord) -> None:
        """Show a warning or an error, but not what the display has said of a failed job."""
        text = record.getMessage()
        failed = self.progress is not None and any(known in text for known in SAID_BETTER)
        if not failed:
            self._say(text, style="red" if record.levelno >= logging.ERROR else "yellow")

    def _nothing(self) -> None:
        page = f"; page: {self.page}" if self.page and self.page.is_file() else ""
        self._say(f"nothing to do: all that was asked for is up to date{page}")

    # ---- what is shown ----

    def _line(self) -> Text:
        line = self.progress.line(self.clock()) if self.progress else ""
        return Text(line, no_wrap=True, overflow="ellipsis")

    def _show(self, now: float) -> None:
        """Write a line where none can be rewritten: at a new stage, and now and then."""
        if not self.progress or self.live:
            return
        stage, at = self._last
        if self.progress.stage != stage or now - at >= EVERY:
            self._last = (self.progress.stage, now)
            self._say(self.progress.line(now))

    def _say(self, text: str, style: str = "") -> None:
        if text:
            self.console.print(Text(text, style=style))

    def _log(self, job: int) -> str:
        return "\n".join(_texts(self.logs.get(job, ())))

    def close(self) -> None:
        """Say the last words; Snakemake closes its loggers at the end of a run."""
        self._over.set()
        if self.live:
            self.live.stop()
            self.live = None
        if self.progress and not INTERRUPTED.is_set() and (self.whole or self.progress.failed):
            for line in self.progress.ending(self.clock(), self._verdicts()):
                self._say(line)
        self.progress = None
        super().close()

    def _verdicts(self) -> str:
        """Return how the pairs and the claims came out, if they are those of this run's page."""
        from experiments.results import verdict_totals

        outline = self.progress.outline
        return verdict_totals(outline.results) if self.whole and outline.page else ""


def _texts(paths: Iterable[str]) -> list[str]:
    return [
        Path(path).read_text("utf-8", "replace").strip() for path in paths if Path(path).is_file()
    ]


def _last_lines(texts: Iterable[str], number: int = 20) -> str:
    """Return the end of some logs: the error is there."""
    return "\n".join(line for text in texts for line in text.splitlines()[-number:])
