"""Synthesize a Terraform stack for each private registry in the settings file."""

from __future__ import annotations

import os
import sys
import warnings

from constructs_lib import fast_bindings


def main() -> None:
    """Read the settings, then write ``cdktf.out``; report everything that is wrong at once."""
    fast_bindings.enable()  # Node starts while Python reads the settings
    from constructs_lib.settings import SettingsError, load

    file = os.environ.get("REGISTRIES_FILE") or "registries.yaml"
    try:
        loaded = load(file, os.environ)
    except SettingsError as error:
        sys.exit(str(error))
    print(f"{file}: variables used: {', '.join(loaded.variables) or 'none'}", file=sys.stderr)
    warnings.showwarning = lambda message, *_, **__: print(message, file=sys.stderr)

    try:
        from constructs_lib.stack import synthesize

        synthesize(loaded.settings)
    except OSError as error:  # Node can't be started, or cdktf.out can't be written
        sys.exit(f"the stacks can't be synthesized: {error}")


if __name__ == "__main__":
    main()
