"""Errors that are messages to people: what was found, where, what is allowed, what to do."""


class UserError(Exception):
    """Something that the user can mend. Commands print its message without a traceback."""


class ConfigError(UserError):
    """A config that cannot be run; the message names the place in the config."""

    def __init__(self, where: str, problem: str) -> None:
        self.where, self.problem = where, problem
        super().__init__(f"{where}: {problem}" if where else problem)


class DamagedFileError(UserError):
    """A stored file whose bytes are not those that were written."""
