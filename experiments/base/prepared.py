"""A prepared process: it loads the modules of all steps, and forks a child for each command.

A step takes seconds to load pandas, SciPy and matplotlib, and often less to do its work; a job of
short training takes longer to load NumPy. So Snakemake has one process beside it that loads them
once. The command of a step or job finds it by the variable `ADDRESS`, hands over its words, folder,
environment and open files, and waits for the exit code. Without such a process, or on a system
other than Linux, a command does its work itself, to the same bytes.

The process ends when the one that started it does; a child ends when its command does.
"""

import atexit
import gc
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

ADDRESS = "MLP_STEPS"
"""The variable with the socket of the prepared process."""
MOST_BYTES = 1 << 20
PATIENCE = 5.0
"""Seconds that a step has to clean up when its command is gone."""


class Program(NamedTuple):
    """A command line of a prepared process.

    `run` does what some words say and returns the exit code; `modules` are those that it needs for
    that, the libraries among them first.
    """

    run: Callable[[Sequence[str]], int]
    modules: Callable[[Sequence[str]], Iterable[str]]


_started: list[subprocess.Popen] = []
"""The prepared process that this process has, if it started one."""


def hand_over(program: str, words: Sequence[str]) -> int | None:
    """Let the prepared process do what some words say; return the exit code, None without one."""
    address = os.environ.get(ADDRESS)
    if not address:
        return None
    asked = {"program": program, "words": list(words), "cwd": os.getcwd(), "env": {**os.environ}}
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        try:
            connection.connect(address)
            socket.send_fds(connection, [json.dumps(asked).encode()], [1, 2])
            answer = connection.recv(MOST_BYTES)
        except OSError:
            return None  # it is gone, or the environment too large: do it here
    if not answer:
        print(f"error: the process of {program} {words[0]} was ended", file=sys.stderr)
    return int(answer or 1)


def start(words: Sequence[str], path: Path) -> None:
    """Start a prepared process for the commands that this process starts from now on.

    `words` are a Python module of the folder `path` with its words; the number of a listening
    socket is added. It ends with this process. Does nothing if there is one already, or on a system
    other than Linux.
    """
    if _started or sys.platform != "linux":
        return
    folder = Path(tempfile.mkdtemp(prefix="mlp-"))
    address = str(folder / "steps")
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        try:
            listener.bind(address)
        except OSError:  # the path of the temporary folder is too long for a socket
            shutil.rmtree(folder)
            return
        listener.listen(64)
        process = subprocess.Popen(
            [sys.executable, "-m", *words, str(listener.fileno())],
            stdin=subprocess.PIPE,  # it is closed when this process ends
            stdout=subprocess.DEVNULL,
            pass_fds=[listener.fileno()],
            env={**os.environ, "PYTHONPATH": str(path)},
            start_new_session=True,  # Ctrl-C ends the commands, and they end their steps
        )
    _started.append(process)
    os.environ[ADDRESS] = address
    atexit.register(_end, process, folder)


def _end(process: subprocess.Popen, folder: Path) -> None:
    """Close the input of the prepared process, wait for its end, and leave nothing behind."""
    process.communicate()
    shutil.rmtree(folder, ignore_errors=True)


def leave() -> None:
    """Let the commands that this process starts do their work themselves."""
    os.environ.pop(ADDRESS, None)


def serve(listener: int, programs: Mapping[str, Program], modules: Iterable[str] = ()) -> None:
    """Do what commands hand over, each in a child, until the standard input is closed.

    `listener` is the number of a listening socket; `programs` have their names. The modules that a
    command needs are loaded before its child is forked, so that the next has them, too; `modules`
    are loaded one after another while no command is there.
    """
    gc.disable()  # what is loaded is there to stay: only the children look for garbage
    left = iter(modules)
    with socket.socket(fileno=listener) as door:
        try:
            while True:
                if module := next(left, ""):
                    _load(module)
                ready, _, _ = select.select([door, sys.stdin], [], [], 0 if module else None)
                if sys.stdin in ready:
                    return
                if ready:
                    _take(door, programs)
                _reap(os.WNOHANG)
        finally:
            _reap()
            shutil.rmtree(Path(door.getsockname()).parent, ignore_errors=True)
            gc.freeze()  # the end of this process looks for no garbage either


def _load(module: str) -> None:
    """Import a module; if it cannot be, the command that needs it says so, in its own log."""
    with suppress(Exception):
        import_module(module)


def _take(door: socket.socket, programs: Mapping[str, Program]) -> None:
    """Take what one command hands over, load what it needs, and fork the child that does it."""
    connection, _ = door.accept()
    with connection:
        message, streams, _, _ = socket.recv_fds(connection, MOST_BYTES, 2)
        if message:
            asked = json.loads(message)
            program = programs[asked["program"]]
            for module in program.modules(asked["words"]):
                _load(module)
            if os.fork() == 0:
                door.close()
                _answer(connection, program, asked, streams)
        for stream in streams:
            os.close(stream)


def _reap(options: int = 0) -> None:
    """Take note of the children that have ended; without options wait for all."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, options)[0]:
            pass


def _answer(
    connection: socket.socket, program: Program, asked: Mapping[str, Any], streams: Sequence[int]
) -> NoReturn:
    """Do what one command hands over, send its exit code, and end this child."""
    code = 1
    gc.freeze()
    gc.enable()
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number, stream in enumerate(streams, start=1):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(asked["cwd"])
        os.environ.clear()
        os.environ.update({name: text for name, text in asked["env"].items() if name != ADDRESS})
        threading.Thread(target=_end_with, args=(connection,), daemon=True).start()
        code = program.run(asked["words"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:
        traceback.print_exc()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command may end before this child
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        with suppress(OSError):
            connection.send(str(code).encode())
        os._exit(code)


def _end_with(connection: socket.socket) -> None:
    """End this child, and the processes that it started, if the command that asked is gone."""
    with suppress(OSError):
        if connection.recv(1):
            return
    os.kill(os.getpid(), signal.SIGINT)
    threading.Event().wait(PATIENCE)
    os.killpg(0, signal.SIGKILL)
