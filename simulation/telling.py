"""What a rehearsal prints: a step a line, with what belongs to it beside or below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from .pulls import Names
from .stacks import REGISTRY, Json
from .terraform import TRIGGERED, Done

WIDTH: Final = 17
SYMBOLS: Final = {
    "create": "+",
    "delete": "-",
    "import": "<-",
    "move": "->",
    "remove": ".",
    "replace": "-/+",
    "update": "~",
}
WORDS: Final = {"create": "created", "delete": "deleted", "update": "changed"}
COUNTED: Final = ("import", "add", "change", "remove")


def say(label: str, *lines: str) -> None:
    """Prints a step: its label once, and its lines beside it."""
    for number, line in enumerate(lines):
        print(f"  {'' if number else label:<{WIDTH}}  {line}", flush=True)


def planned(plan: Done) -> list[Json]:
    """The changes in a plan; what Terraform only reads is no change."""
    found = (event["change"] for event in plan.of("planned_change"))
    return [change for change in found if change["action"] not in ("noop", "read")]


def zone_of_policy(endpoint: Json) -> str:
    """A line on an endpoint that gets no zone here: who attaches one, if anybody does."""
    if endpoint["private_service_connection"][0].get("is_manual_connection"):
        return "no zone: Azure's built-in policy does not see a connection that waits for approval"
    return "Azure Policy attaches the zone in Azure, which is not simulated"


def warnings(changes: list[Json], names: Mapping[str, str]) -> list[str]:
    """A line on each registry that Terraform would destroy; its images go with it."""
    return [
        f"TERRAFORM DESTROYS THE REGISTRY {_name(change, names)} WITH ALL ITS IMAGES"
        + (", AND CREATES AN EMPTY ONE" if change["action"] == "replace" else "")
        for change in changes
        if change["resource"]["resource_type"] == REGISTRY
        and change["action"] in ("delete", "replace")
    ]


def line_on(change: Json, names: Mapping[str, str], reasons: Mapping[str, list[str]]) -> str:
    """A line on a change: what Terraform does, with what, and for which arguments."""
    action, resource = change["action"], change["resource"]
    line = f"{SYMBOLS.get(action, action):<3} {resource['resource_type']} {_name(change, names)}"
    why = reasons.get(resource["addr"], [])
    if action not in ("replace", "update") or not why:
        return line
    if why == [TRIGGERED]:
        return f"{line}: steps aside meanwhile"
    return f"{line}: {'replaced for ' if action == 'replace' else ''}{', '.join(why)}"


def _name(change: Json, names: Mapping[str, str]) -> str:
    resource = change["resource"]
    return names.get(resource["addr"], str(resource["resource_name"]))


def counted(summary: Json) -> str:
    """A plan in numbers, as Terraform says them."""
    counts = _counts(summary, "{} to import", "{} to add", "{} to change", "{} to destroy")
    return counts if any(summary.get(key) for key in COUNTED) else "only outputs change"


def done(summary: Json) -> str:
    """An apply in numbers, as Terraform says them."""
    return _counts(summary, "{} imported", "{} added", "{} changed", "{} destroyed")


def _counts(summary: Json, *words: str) -> str:
    counts = [(key, summary.get(key, 0)) for key in COUNTED]
    texts = zip(counts, words, strict=True)
    return ", ".join(
        word.format(number) for (key, number), word in texts if number or key != "import"
    )


def outputs(done: Done) -> list[str]:
    """The outputs after an apply: addresses first, and ids, which are long, at the end."""
    lines, ids = [], []
    for name, output in sorted(done.outputs.items()):
        value = "(sensitive)" if output.get("sensitive") else output.get("value")
        if isinstance(value, dict):
            lines += [f"{name}[{key}] = {item}" for key, item in value.items()]
        elif str(value).startswith("/subscriptions/"):
            ids.append(f"{name} = {value}")
        else:
            lines += f"{name} = {value}".splitlines()
    return lines + ids


def finds(names: Names) -> list[str]:
    """What the cluster finds under each name."""
    if not any(names.values()):
        return ["no name of the registry: pulls fail" if names else "no registry: pulls fail"]
    return [
        f"{host} at {address}" if address else f"{host} nowhere: pulls fail"
        for host, address in names.items()
    ]


def pulled(rules: Iterable[tuple[Json, object]]) -> Iterator[str]:
    """A line on each cache rule, with Azure's error if nothing is pulled through it."""
    for rule, error in rules:
        source, target = rule["source_repo"], rule["target_repo"]
        yield f"{source} into {target}" if error is None else f"not {source}: {error}"


def event(operation: str, id_: str) -> str:
    """A line on a request to Azure."""
    kind, name = id_.split("/")[-2:]
    return f"{kind}/{name} is {WORDS.get(operation, operation)}:"
