"""Errors that are messages to people: what was found, where, what is allowed, what to do."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class UserError(Exception):
    """Something that the user can mend. Commands print its message without a traceback."""


class ConfigError(UserError):
    """A config that cannot be run; the message names the place in the config.

    >>> print(ConfigError("studies.a.tune", "'etta' is not an axis of the grid"))
    studies.a.tune: 'etta' is not an axis of the grid
    """

    def __init__(self, where: str, problem: str) -> None:
        self.where, self.problem = where, problem
        self.each: tuple[ConfigError, ...] = (self,)
        super().__init__(f"{where}: {problem}" if where else problem)

    @classmethod
    def of(cls, errors: Sequence["ConfigError"]) -> "ConfigError":
        """Return one error that says them all, a line each; a single one stays what it is.

        >>> print(ConfigError.of([ConfigError("title", "too long"), ConfigError("seeds", "none")]))
        2 mistakes
          title: too long
          seeds: none
        """
        each = tuple(single for error in errors for single in error.each)
        if len(each) == 1:
            return each[0]
        whole = cls("", "\n  ".join([f"{len(each)} mistakes", *map(str, each)]))
        whole.each = each
        return whole


class Mistakes:
    """Gathers the ConfigErrors of some steps, so that all can be told at once."""

    def __init__(self) -> None:
        self.found: list[ConfigError] = []

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Keep a ConfigError of the block instead of raising it."""
        try:
            yield
        except ConfigError as error:
            self.found.append(error)

    def raise_all(self) -> None:
        """Raise what was found, as one error, if anything was."""
        if self.found:
            raise ConfigError.of(self.found) from None


class NotWritableError(UserError):
    """A place that the user has no right to write to."""


class DamagedFileError(UserError):
    """A stored file whose bytes are not those that were written."""
