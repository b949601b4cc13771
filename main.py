"""Synthesize a Terraform stack for each private registry in the settings file."""

from __future__ import annotations

import gc
import importlib.util
import os
import re
import sys
import warnings
from pathlib import Path

from constructs_lib import fast_bindings

HELP = """Synthesize a Terraform stack for each private registry in the settings file.

It takes no arguments. The settings are in registries.yaml, or in the file that REGISTRIES_FILE
names; the stacks go to cdktf.out, or to the folder that CDKTF_OUTDIR names. "make help" lists what
can be done with them."""


def main() -> None:
    """Read the settings, then write ``cdktf.out``; report everything that is wrong at once."""
    if arguments := sys.argv[1:]:
        if {"-h", "--help"} & set(arguments):
            sys.exit(print(HELP))
        sys.exit(f"main.py takes no arguments, and was given {' '.join(arguments)}: see --help")
    gc.disable()  # imports leave nothing to collect, and a seventh of their time is for looking
    asked = {"JSII_NODE", "NODE_OPTIONS"} & set(os.environ)
    fault = fast_bindings.node_fault() if asked else None
    enable = None if fault else fast_bindings.start()  # Node starts while Python reads the settings
    from constructs_lib.settings import SettingsError, load

    file = os.environ.get("REGISTRIES_FILE") or "registries.yaml"
    try:
        loaded = load(file, os.environ)
    except SettingsError as error:
        sys.exit(str(error))
    if not enable:
        sys.exit(fault)
    # cdktf's command line shows standard output as it is, and standard error as errors of its own.
    out = sys.stdout if "CDKTF_CONTEXT_JSON" in os.environ else sys.stderr
    print(f"{file}: variables used: {', '.join(loaded.variables) or 'none'}", file=out)
    enable()
    from constructs_lib.stack import RefusedError, synthesize

    gc.freeze()
    gc.enable()
    with warnings.catch_warnings(record=True) as caught:
        try:
            synthesize(loaded.settings)
        except RefusedError as error:
            sys.exit(str(error))
        finally:
            for warning in caught:
                print(warning.message, file=out)


_REFUSED_BY_THE_SYSTEM = re.compile(
    r"\bE(?:NOSPC|DQUOT|FBIG|IO|ROFS|ACCES|PERM|MFILE|NFILE): ([^\n]+)"
)


def _reason(error: Exception) -> str | None:
    """Why no stack was written, in a line, if the reason is outside of this program."""
    if isinstance(error, OSError):  # Node has gone, or a folder can't be written
        return f"the stacks can't be synthesized: {error}"
    if found := _REFUSED_BY_THE_SYSTEM.search(str(error)):  # what Node was writing
        return f"the stacks can't be synthesized: {found[1]}"
    if type(error).__module__.startswith("jsii."):  # without JavaScript's stack
        lines = [line.strip() for line in str(error).splitlines()]
        return f"the stacks can't be synthesized: {next(filter(None, lines), error)}"
    given = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    paths = {Path(each).absolute() for each in given}
    for name in ("pydantic", "pydantic_core", "expandvars", "ruamel", "jsii", "typeguard"):
        spec = importlib.util.find_spec(name)
        if spec and spec.origin and paths & {*Path(spec.origin).parents}:
            return (
                f"{spec.origin} is not the {name} that is installed with the program: unset "
                f"PYTHONPATH ({error})"
            )
    return f"{error}: run make synth, which installs it" if isinstance(error, ImportError) else None


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.unraisablehook = lambda _: None
        print("interrupted: the stacks in cdktf.out are as they were", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        if not (reason := _reason(error)):
            raise
        sys.unraisablehook = lambda _: None  # jsii's, about the Node that has gone
        sys.exit(reason)
