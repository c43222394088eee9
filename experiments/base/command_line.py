"""A command line of functions: each names its options where it is defined."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from experiments.base.errors import UserError
from experiments.base.prepared import hand_over

Function = Callable[[argparse.Namespace], int | None]


class Option(NamedTuple):
    """An option of a command, as `argparse.ArgumentParser.add_argument` takes it."""

    names: tuple[str, ...]
    facts: dict[str, Any]


def option(*names: str, **facts: Any) -> Option:
    """Return an option; `facts` are type, default, help, ...

    >>> option("--all", action="store_true").names
    ('--all',)
    """
    return Option(names, facts)


class Command(NamedTuple):
    """A command: its function, its options, and what it passes on besides.

    `listed`: the help names it. `shared`: a prepared process may do it (`prepared.py`), which loads
    `libraries` for it: what the function imports, or what it calls imports, when they need it.
    """

    function: Function
    options: Sequence[Option]
    defaults: dict[str, Any]
    listed: bool
    shared: bool
    libraries: Sequence[str]


class CommandLine:
    """The commands of `python -m PACKAGE`: functions of the parsed options.

    A command's text is the first line of its function's docstring. `after` is called with the
    options when a command is done. The help ends with `more`.
    """

    def __init__(
        self,
        program: str,
        about: str,
        after: Callable[[argparse.Namespace], None],
        more: str = "",
    ) -> None:
        self.program, self.about, self.after, self.more = program, about, after, more
        self.commands: dict[str, Command] = {}

    def command(
        self,
        *options: Option,
        name: str = "",
        listed: bool = True,
        job: bool = False,
        libraries: Sequence[str] = (),
        **defaults: Any,
    ) -> Callable[[Function], Function]:
        """Return a decorator that enters a function; `name` is its own, or another one.

        The list of commands in the help leaves out those that are not `listed`. A `job` of a sweep
        is shared, and so is each step of one: a command with a default `step`.
        """

        def enter(function: Function) -> Function:
            called = name or function.__name__.replace("_", "-")
            shared = job or "step" in defaults
            self.commands[called] = Command(function, options, defaults, listed, shared, libraries)
            return function

        return enter

    def place(self, name: str) -> str:
        """Return where the function of a command is, as :mod:`experiments.base.closure` says it."""
        package = self.program.split()[-1]
        return f"{package}.__main__:{self.commands[name].function.__name__}"

    def parser(self, program: str = "") -> argparse.ArgumentParser:
        """Return the parser of all commands, which calls itself `program`, by default its own."""
        called = program or self.program
        top = argparse.ArgumentParser(prog=called, description=self.about, epilog=self.more)
        commands = top.add_subparsers(required=True, metavar="COMMAND")
        for name, command in self.commands.items():
            summary = command.function.__doc__.splitlines()[0]
            shown: dict[str, Any] = {"help": summary} if command.listed else {}
            sub = commands.add_parser(name, description=summary, **shown)
            sub.set_defaults(call=command.function, **command.defaults)
            for names, facts in command.options:
                sub.add_argument(*names, **facts)
        return top

    def run(self, words: Sequence[str] | None = None, program: str = "") -> int:
        """Do what some words say (None: those of the process) and return the exit code.

        A shared command goes to the prepared process if there is one. What cannot be done is said
        in a message for people; usage names `program`.
        """
        words = sys.argv[1:] if words is None else words
        command = self.commands.get(words[0]) if words else None
        if command and command.shared:
            code = hand_over(self.program, words)
            if code is not None:
                return code
        try:
            args = self.parser(program).parse_args(words)
            code = args.call(args) or 0
            self.after(args)
            return code
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        except BrokenPipeError:
            return 1
