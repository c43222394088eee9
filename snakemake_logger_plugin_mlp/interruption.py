"""Ctrl-C: noted once, so that the display can be silent while Snakemake ends its jobs."""

import signal
from threading import Event
from typing import Any

INTERRUPTED = Event()
"""Whether a person has interrupted this process."""

EXIT_CODE = 128 + signal.SIGINT


def interrupt(number: int, frame: Any) -> None:
    """Interrupt at the first signal; later ones change nothing, since the end is under way."""
    if not INTERRUPTED.is_set():
        INTERRUPTED.set()
        raise KeyboardInterrupt
