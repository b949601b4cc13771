"""The command ``python -m constructs_lib``: what this package is, and its version."""

from __future__ import annotations

import argparse

from . import __doc__ as what
from . import __version__


def main() -> None:
    """Print the version or the help."""
    parser = argparse.ArgumentParser(
        prog="python -m constructs_lib",
        description=(what or "").partition("\n")[0],
        epilog="Stacks are written by main.py (make synth), and reviewed by constructs_lib.review.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.parse_args()
    parser.print_help()


if __name__ == "__main__":
    main()
