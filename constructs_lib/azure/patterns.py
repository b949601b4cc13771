"""Rules for texts that begin with a regular expression, which other tools can read off the rule."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable


class Pattern:
    r"""A rule that a text keeps if it matches a pattern and passes a check.

    Attributes:
        forms: each regular expression that the whole text matches, with what is expected in words.
            Python and JavaScript read them alike, but for ``\w``, which is ASCII only in the
            latter.
    """

    def __init__(
        self, check: Callable[[str], str], regex: str, expected: str, size: int | None
    ) -> None:
        functools.update_wrapper(self, check)
        inner = check.forms if isinstance(check, Pattern) else []
        self.forms: list[tuple[str, str]] = [(regex, expected), *inner]
        self._check, self._size = check, size

    def __call__(self, text: str) -> str:
        """Check a text, and return it.

        Raises:
            ValueError: with what is expected.
        """
        too_long = self._size is not None and len(text.encode()) > self._size
        regex, expected = self.forms[0]
        if too_long or not re.fullmatch(regex, text):
            raise ValueError(expected)
        return self._check(text)


def matching(
    regex: str, expected: str, size: int | None = None
) -> Callable[[Callable[[str], str]], Pattern]:
    """Make a rule of a function that returns a text which matches, or raises ``ValueError``.

    Args:
        regex: the regular expression that the whole text has to match.
        expected: what is expected, in words.
        size: the number of bytes in UTF-8 that the text may have, as azurerm counts them.
    """
    return lambda check: Pattern(check, regex, expected, size)


def in_any_case(word: str) -> str:
    """A regular expression for a word in either case, without a flag, which only Python has."""
    return "".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else re.escape(c) for c in word)


GUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
