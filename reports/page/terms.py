"""The words of a page's glossary, explained where a chapter uses them first."""

import re

from reports.page.html import escaped, plain

_PIECE = re.compile(r"<dt>(.*?)</dt><dd>(.*?)</dd>", re.S)
_TAG = re.compile(r"(<[^>]*>)")
_TEXT = ("p", "li", "figcaption")
"""Elements with sentences, in which words are explained."""
_NOT_IN = ("a", "abbr", "code", "math", "h1", "h2", "h3", "details", "table", "dl", "strong")
SHORTEST = 4  # letters of a word that is explained; a shorter one only if it is in capitals


def with_terms(body: str) -> str:
    """Return the body of a page with its glossary's words explained on hover, once a chapter.

    The glossary is the list of `<dt>` and `<dd>`; without one nothing changes. A chapter begins at
    a heading of the second level.

    >>> words = "<dl><dt>epoch</dt><dd>One pass.</dd></dl>"
    >>> with_terms(f"<p>An epoch, two epochs.</p>{words}")[:49]
    '<p>An <abbr title="One pass.">epoch</abbr>, two e'
    """
    meanings = {
        word: plain(meaning)
        for words, meaning in _PIECE.findall(body)
        for word in plain(words).split(", ")
        if len(word) >= SHORTEST or word.isupper()
    }
    if not meanings:
        return body
    longest = sorted(meanings, key=len, reverse=True)
    word = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest))})(?![\w-])")
    seen: set[str] = set()

    def explained(match: re.Match[str]) -> str:
        if match[1] in seen:
            return match[1]
        seen.add(match[1])
        return f'<abbr title="{escaped(meanings[match[1]])}">{match[1]}</abbr>'

    depth = dict.fromkeys((*_TEXT, *_NOT_IN), 0)
    pieces = []
    for piece in _TAG.split(body):
        if piece.startswith("<"):
            if piece.startswith("<h2"):
                seen.clear()
            _follow(depth, piece)
        elif any(depth[name] for name in _TEXT) and not any(depth[name] for name in _NOT_IN):
            piece = word.sub(explained, piece)
        pieces.append(piece)
    return "".join(pieces)


def _follow(depth: dict[str, int], tag: str) -> None:
    """Count which elements are open after a tag."""
    name = re.match(r"</?([a-z0-9]+)", tag)
    if name and name[1] in depth and not tag.endswith("/>"):
        depth[name[1]] += -1 if tag.startswith("</") else 1
