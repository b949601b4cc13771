"""Rules for texts as regular expressions, which other tools can read off the rule."""

from __future__ import annotations

import re
from collections.abc import Callable


class Pattern:
    r"""A rule for a text, which has to match a pattern.

    Attributes:
        forms: each regular expression that the whole text matches, with what is expected in words.
            Python and JavaScript read them alike, but for ``\w``, which is ASCII only in the
            latter.
    """

    def __init__(
        self,
        regex: str,
        expected: str,
        *,
        size: int | None = None,
        then: Callable[[str], str] | None = None,
    ) -> None:
        """Make a rule.

        Args:
            regex: the regular expression that the whole text has to match.
            expected: what is expected, in words.
            size: the number of bytes in UTF-8 that the text may have, as azurerm counts them.
            then: a further rule for a text that matches: it returns the text, or raises
                ``ValueError``.
        """
        self._regex, self._expected, self._size, self._then = regex, expected, size, then
        inner = then.forms if isinstance(then, Pattern) else []
        self.forms: list[tuple[str, str]] = [(regex, expected), *inner]

    def __call__(self, text: str) -> str:
        """Check a text, and return it.

        Raises:
            ValueError: with what is expected.
        """
        too_long = self._size is not None and len(text.encode()) > self._size
        if too_long or not re.fullmatch(self._regex, text):
            raise ValueError(self._expected)
        return self._then(text) if self._then else text


def in_any_case(word: str) -> str:
    """A regular expression for a word in either case, without a flag, which only Python has."""
    return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else re.escape(c) for c in word)


GUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
