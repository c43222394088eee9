"""The reader of YAML 1.2: safe, strict about keys, and able to say in which line a key is.

ruamel.yaml turns the text into nodes. The values are built here, so that each has its line and
only what a config can hold is built: mappings, lists, texts, numbers, true, false and null.
"""

import re
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from experiments.base import ConfigError
from experiments.schema.messages import join, short

MOST_NODES = 100_000
UNPRINTED = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, those that turn the direction of text, and halves of characters."""

DIRECTIVE = re.compile(r"\ufeff?(?:[ \t]*(?:#.*)?\n)*%YAML")
"""A line %YAML at the top, which could ask for the numbers of YAML 1.1."""

TAG = "tag:yaml.org,2002:"
NUMBERS = {"int", "float", "bool", "null"}
TEXTS = {"str", "timestamp", "value", "merge"}
"""Kinds of scalars that are texts here: YAML 1.2 has no dates, `=` or `<<` as a value."""


def parse(text: str) -> Any:
    """Return the content of a YAML text, safely. Raises ConfigError.

    Numbers are those of YAML 1.2: 010 is 10, 0o10 is 8, 1e-3 is a number, 1:30 and `no` are texts.

    >>> parse("[010, 0o10, 1e-3, 1:30, no]")
    [10, 8, 0.001, '1:30', 'no']
    """
    return parse_with_lines(text)[0]


def parse_with_lines(text: str) -> tuple[Any, dict[str, int]]:
    """Return the content of a YAML text, and the line of each key and item. Raises ConfigError."""
    read = _Reader(text)
    return read.content, read.lines


def lines(text: str) -> dict[str, int]:
    """Return the line of each key and each item, by its path. Raises ConfigError.

    >>> lines("seeds: 3\\nstudies:\\n  a: {datasets: [iris]}")["studies.a.datasets[0]"]
    3
    """
    return parse_with_lines(text)[1]


class _Reader:
    """Builds the values of a text, and notes the line of each."""

    def __init__(self, text: str) -> None:
        self.yaml = YAML(typ="safe", pure=True)
        self.lines: dict[str, int] = {}
        self.count = 0
        self.open: set[int] = set()
        if DIRECTIVE.match(text):
            raise ConfigError("", "a config is YAML 1.2: leave out the line %YAML")
        try:
            node = self._nodes(text)
            self.content = None if node is None else self._value(node, "")
        except RecursionError:
            raise ConfigError("", "the config is nested too deeply") from None

    def _nodes(self, text: str) -> Node | None:
        try:
            return self.yaml.compose(text)
        except RecursionError:
            raise
        except YAMLError as error:
            raise _not_yaml(error, text) from None
        except Exception as error:  # ruamel.yaml meets some broken texts with an AssertionError
            raise ConfigError("", f"this is not YAML: {error}") from None

    def _value(self, node: Node, path: str) -> Any:
        self._count(node)
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if id(node) in self.open:
            raise ConfigError(_line(node), "an anchor that contains itself")
        self.open.add(id(node))
        if isinstance(node, SequenceNode) and node.tag == f"{TAG}seq":
            value = [self._item(child, f"{path}[{i}]") for i, child in enumerate(node.value)]
        elif isinstance(node, MappingNode) and node.tag == f"{TAG}map":
            value = self._mapping(node, path)
        else:
            raise _unknown_kind(node)
        self.open.discard(id(node))
        return value

    def _count(self, node: Node) -> None:
        """Count what the text stands for with its anchors written out; refuse an explosion."""
        self.count += 1
        if self.count > MOST_NODES:
            raise ConfigError(
                _line(node), f"the config holds more than {MOST_NODES:,} values; use fewer anchors"
            )

    def _item(self, node: Node, path: str) -> Any:
        self.lines[path] = node.start_mark.line + 1
        return self._value(node, path)

    def _mapping(self, node: MappingNode, path: str) -> dict[str, Any]:
        """Return a mapping: first what `<<` merges into it, then its own keys, which win."""
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        seen: set[tuple[str, str]] = set()
        for key_node, child in node.value:
            self._count(key_node)
            key = self._key(key_node)
            if (key_node.tag, key) in seen:
                raise ConfigError(_line(key_node), f"the key {short(key)} is given twice")
            seen.add((key_node.tag, key))
            if key_node.tag == f"{TAG}merge":
                merged = self._merged(child)
            else:
                place = join(path, [key])
                self.lines[place] = key_node.start_mark.line + 1
                own[key] = self._value(child, place)
        return merged | own

    def _key(self, node: Node) -> str:
        key = self._scalar(node) if isinstance(node, ScalarNode) else None
        if not isinstance(key, str):
            found = short(node.value) if isinstance(node, ScalarNode) else "a list or a mapping"
            quoted = "" if key is None else f': write "{key}"'
            raise ConfigError(_line(node), f"a key must be a text, found {found}{quoted}")
        return key

    def _merged(self, node: Node) -> dict[str, Any]:
        """Return the mapping, or the mappings of a list, of which the first wins."""
        value = self._value(node, "<<")
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, dict) for part in parts):
            raise ConfigError(_line(node), "<< merges a mapping or a list of mappings")
        return {key: value for part in reversed(parts) for key, value in part.items()}

    def _scalar(self, node: ScalarNode) -> Any:
        if UNPRINTED.search(node.value):
            raise ConfigError(
                _line(node), f"characters that cannot be printed: {short(node.value)}"
            )
        kind = node.tag.removeprefix(TAG)
        if kind in TEXTS:
            return node.value
        if kind not in NUMBERS:
            raise _unknown_kind(node)
        try:
            return self.yaml.constructor.construct_object(node)
        except (ValueError, LookupError):  # what ruamel.yaml raises for !!int and no digits
            raise ConfigError(
                _line(node), f"{short(node.value)} cannot be read as {kind}"
            ) from None


def _line(node: Node) -> str:
    return f"line {node.start_mark.line + 1}"


def _unknown_kind(node: Node) -> ConfigError:
    return ConfigError(_line(node), f"this is not YAML of a config: the tag {short(node.tag)}")


def _not_yaml(error: YAMLError, text: str) -> ConfigError:
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return ConfigError(f"line {line}", f"this is not YAML: {error.reason}")
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return ConfigError(where, f"this is not YAML: {problem}")
