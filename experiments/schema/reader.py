"""The reader of YAML: safe, strict about keys, and with messages that name the line."""

import re
from typing import Any

import yaml

from experiments.errors import ConfigError
from experiments.schema.messages import short

MOST_NODES = 100_000


UNPRINTED = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, those that turn the direction of text, and halves of characters."""


class _Loader(yaml.SafeLoader):
    """Safe YAML that takes texts as keys only and reads 1e-3 as the number it is."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+.0123456789"),
)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict:
    loader.flatten_mapping(node)  # puts what is merged first: a node's own keys win
    seen: dict = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise ConfigError(_line(key_node), f"a key must be a text, found {short(key)}")
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _line(node: yaml.Node) -> str:
    return f"line {node.start_mark.line + 1}"


def _refuse_twins(node: yaml.MappingNode) -> None:
    """Refuse a key written twice in one mapping; one that is merged into it may be overridden."""
    seen = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode):
            if (key.tag, key.value) in seen:
                raise ConfigError(_line(key), f"the key {short(key.value)} is given twice")
            seen.add((key.tag, key.value))


def _refuse_explosions(node: yaml.Node, sizes: dict[int, int]) -> int:
    """Return how many values a node stands for once its anchors are written out."""
    if id(node) in sizes:
        if not sizes[id(node)]:
            raise ConfigError(_line(node), "an anchor that contains itself")
        return sizes[id(node)]
    sizes[id(node)] = 0
    children = []
    if isinstance(node, yaml.MappingNode):
        _refuse_twins(node)
        children = [n for pair in node.value for n in pair]
    elif isinstance(node, yaml.SequenceNode):
        children = node.value
    elif UNPRINTED.search(node.value):
        raise ConfigError(_line(node), f"characters that cannot be printed: {short(node.value)}")
    total = 1 + sum(_refuse_explosions(child, sizes) for child in children)
    if total > MOST_NODES:
        raise ConfigError(
            _line(node), f"the config stands for more than {MOST_NODES:,} values; use fewer anchors"
        )
    sizes[id(node)] = total
    return total


def parse(text: str) -> Any:
    """Return the content of a YAML text, safely. Raises ConfigError."""
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _refuse_explosions(node, {})
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ConfigError(where, f"this is not YAML: {problem}") from None
    except RecursionError:
        raise ConfigError("", "the config is nested too deeply") from None
    except ValueError as error:
        raise ConfigError("", f"a value cannot be read: {error}") from None
