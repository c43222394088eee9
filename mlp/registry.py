"""Components by name: one mapping for each family, filled by decorators only."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return a hint with the nearest known name, or with one that it begins; else nothing.

    >>> did_you_mean("epoch", ["epochs", "eta"]), did_you_mean("x", ["epochs", "eta"])
    (" (did you mean 'epochs'?)", '')
    >>> did_you_mean("val", ["train", "validation"])
    " (did you mean 'validation'?)"
    """
    by_lower = {k.lower(): k for k in known}
    lower = str(name).lower()
    near = get_close_matches(lower, by_lower, n=1, cutoff=0.5)
    near = near or [k for k in by_lower if len(lower) > 1 and k.startswith(lower)]
    return f" (did you mean {by_lower[near[0]]!r}?)" if near else ""


class UnknownNameError(KeyError):
    """No component of the family has this name; the message names the nearest one."""

    def __init__(self, family: str, name: object, known: list[str]) -> None:
        self.family, self.name, self.known = family, name, known
        hint = did_you_mean(name, known)
        self.message = f"unknown {family} {name!r}{hint}; known: {', '.join(known) or 'none'}"
        super().__init__(self.message)

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.family, self.name, self.known)


class Registry(Mapping[str, Any]):
    """A read-only mapping from names to components, filled by :meth:`register`.

    A function is entered as it is, a class as one instance of it.

    >>> COLOURS = Registry("colour")
    >>> @COLOURS.register("red")
    ... class Red:
    ...     pass
    >>> isinstance(COLOURS["red"], Red), list(COLOURS), Red.name
    (True, ['red'], 'red')
    >>> COLOURS["rad"]
    Traceback (most recent call last):
    ...
    mlp.registry.UnknownNameError: unknown colour 'rad' (did you mean 'red'?); known: red
    """

    def __init__(self, family: str) -> None:
        self.family = family
        self._components: dict[str, Any] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Return a decorator that enters a class or function under `name` and sets `.name`.

        Raises ValueError if the name is taken.
        """

        def enter(component: T) -> T:
            if name in self._components:
                raise ValueError(f"two components of the family {self.family} are named {name!r}")
            component.name = name  # type: ignore[attr-defined]
            self._components[name] = component() if isinstance(component, type) else component
            return component

        return enter

    def __getitem__(self, name: str) -> Any:
        try:
            return self._components[name]
        except (KeyError, TypeError):
            raise UnknownNameError(self.family, name, list(self)) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._components)

    def __len__(self) -> int:
        return len(self._components)

    def __contains__(self, name: object) -> bool:
        return name in self._components

    def __repr__(self) -> str:
        return f"<{self.family}: {', '.join(self)}>"
