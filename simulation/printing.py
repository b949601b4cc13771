"""What a rehearsal prints: a step a line, with what belongs to it beside or below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from standin import store

from .cluster import Names, Pulls
from .passwords import Password, Passwords
from .stacks import REGISTRY, Json, Stack
from .terraform_runs import TRIGGERED, Outcome

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


def title(text: str) -> None:
    """Prints the title of a stack."""
    print(f"\n── {text}", flush=True)


def say(label: str, *lines: str) -> None:
    """Prints a step: its label once, and its lines beside it."""
    for number, line in enumerate(lines):
        print(f"  {'' if number else label:<{WIDTH}}  {line}", flush=True)


def planned(plan: Outcome, stack: Stack, before: Stack | None) -> list[Json]:
    """The changes in a plan, with the ``old`` and the ``new`` name of each resource in Azure.

    A resource that is not known has its name in Terraform. What Terraform only reads is not a
    change. ``before`` is the same stack as it is deployed already.
    """
    new = {address: each.name for address, each in stack.resources.items()}
    old = new | {address: each.name for address, each in (before or stack).resources.items()}
    found = []
    for change in (event["change"] for event in plan.of("planned_change")):
        address = change["resource"]["addr"]
        name = old.get(address, str(change["resource"]["resource_name"]))
        if change["action"] not in ("noop", "read"):
            found.append({**change, "old": name, "new": new.get(address, name)})
    return found


def zone_of_policy(endpoint: Json, kept: list[Json]) -> str:
    """A line on an endpoint that gets no zone here: who attaches one, if anybody does.

    ``kept`` is the zone group that it has from before: Azure's policy looks for none but it. See
    `ACR_PrivateDNSZone_DINE.json` in https://github.com/Azure/azure-policy.
    """
    if kept:
        return (
            f"the endpoint keeps its zone group {kept[0]['name']}, so that Azure's built-in policy "
            "attaches none: delete the group in Azure"
        )
    if endpoint["private_service_connection"][0].get("is_manual_connection"):
        return "no zone: Azure's built-in policy does not see a connection that waits for approval"
    return "Azure Policy attaches the zone in Azure, which is not simulated"


def warnings(changes: list[Json], *, refused: bool) -> Iterator[str]:
    """A line on each registry that a plan would destroy; its images go with it."""
    for change in changes:
        is_registry = change["resource"]["resource_type"] == REGISTRY
        if not is_registry or change["action"] not in ("delete", "replace"):
            continue
        old, new = change["old"], change["new"]
        if refused:
            yield f"TERRAFORM REFUSES TO DESTROY THE REGISTRY {old} WITH ALL ITS IMAGES"
            continue
        line = f"TERRAFORM DESTROYS THE REGISTRY {old} WITH ALL ITS IMAGES"
        if change["action"] == "replace":
            line += ", AND CREATES AN EMPTY ONE" + (f", {new}" if new != old else "")
        yield line


def line_on(change: Json, reasons: Mapping[str, list[str]]) -> str:
    """A line on a change: what Terraform does, with what, and for which arguments."""
    action, resource, old, new = (change[name] for name in ("action", "resource", "old", "new"))
    name = old if action == "delete" else new if action == "create" or old == new else None
    line = f"{SYMBOLS.get(action, action):<3} {resource['resource_type']} "
    line += name or f"{old}, then {new}"
    why = reasons.get(resource["addr"], [])
    if action not in ("replace", "update") or not why:
        return line
    if why == [TRIGGERED]:
        return f"{line}: steps aside meanwhile"
    return f"{line}: {'replaced for ' if action == 'replace' else ''}{', '.join(why)}"


def counted(summary: Json) -> str:
    """A plan in numbers, as Terraform says them."""
    counts = _counts(summary, "{} to import", "{} to add", "{} to change", "{} to destroy")
    return counts if any(summary.get(key) for key in COUNTED) else "only outputs change"


def applied(summary: Json) -> str:
    """An apply in numbers, as Terraform says them."""
    return _counts(summary, "{} imported", "{} added", "{} changed", "{} destroyed")


def _counts(summary: Json, *words: str) -> str:
    counts = [(key, summary.get(key, 0)) for key in COUNTED]
    texts = zip(counts, words, strict=True)
    return ", ".join(
        word.format(number) for (key, number), word in texts if number or key != "import"
    )


def outputs(outcome: Outcome) -> list[str]:
    """The outputs after an apply: addresses first, and ids, which are long, at the end."""
    lines, ids = [], []
    for name, output in sorted(outcome.outputs.items()):
        value = "(sensitive)" if output.get("sensitive") else output.get("value")
        if isinstance(value, dict):
            lines += [f"{name}[{key}] = {item}" for key, item in value.items()]
        elif str(value).startswith("/subscriptions/"):
            ids.append(f"{name} = {value}")
        else:
            lines += f"{name} = {value}".splitlines()
    return lines + ids


def finds(names: Names) -> list[str]:
    """What the cluster finds under each name, and in which network if it differs among several."""
    if not any(names.values()):
        return ["no name of the registry: pulls fail" if names else "no registry: pulls fail"]
    found: dict[str, list[str]] = {}
    for (network, host), address in names.items():
        line = f"{host} {f'at {address}' if address else 'nowhere: pulls fail'}"
        found.setdefault(network, []).append(line)
    labels = _labels([*found])
    first, *others = found
    if all(found[other] == found[first] for other in others):
        return found[first] + [f"the same in {labels[other]}" for other in others]
    return [f"in {labels[network]}: {line}" for network in found for line in found[network]]


def _labels(networks: list[str]) -> dict[str, str]:
    """The name of each network, and its resource group where two have the same name."""
    names = [store.name_of(network) for network in networks]
    return {
        network: f"{name} of {network.split('/')[4]}" if names.count(name) > 1 else name
        for network, name in zip(networks, names, strict=True)
    }


def pulled(rules: Pulls, *, only_mirrors: bool) -> Iterator[str]:
    """A line on each cache rule, with Azure's error if nothing is pulled through it.

    Nodes then ask the source, if they may: with ``only_mirrors``, the mirror sets forbid it.
    """
    for (source, target), error in rules.items():
        then = _then(source, only_mirrors=only_mirrors)
        yield f"{source} into {target}" if error is None else f"not {source}: {error} {then}"


def _then(source: str, *, only_mirrors: bool) -> str:
    return f"Then nodes {'do not ' if only_mirrors else ''}ask {source.partition('/')[0]}."


def event(operation: str, id_: str) -> str:
    """A line on a request to Azure."""
    *_, kind, name = id_.removesuffix("/passwords/password").split("/")
    what = "the password of " if id_.endswith("/passwords/password") else ""
    return f"{what}{kind}/{name} is {WORDS.get(operation, operation)}"


def usable(passwords: Passwords) -> Iterator[str]:
    """A line on each password: until when it works."""
    for owner, password in passwords.items():
        if password.has_ended:
            yield f"{owner}: ended on {password.expiry}: pulls with it fail"
        else:
            yield f"{owner}: works{_until(password)}"


class Seen(NamedTuple):
    """What those that pull see of the registries at a moment."""

    names: Names
    passwords: Passwords
    pulls: Pulls
    roles: set[str]


def differences(before: Seen, after: Seen, *, only_mirrors: bool) -> Iterator[str]:
    """A line on each difference that a request to Azure makes for those that pull."""
    yield from _lost_and_new(before.passwords, after.passwords)
    yield from (f"{role} is taken away: what needs it fails" for role in before.roles - after.roles)
    yield from (f"{role} is given" for role in after.roles - before.roles)
    changed = {
        rule: error for rule, error in after.pulls.items() if error != before.pulls.get(rule)
    }
    for (source, target), error in changed.items():
        then = _then(source, only_mirrors=only_mirrors)
        if error is None:
            yield f"{source}: new images come into {target}"
        else:
            yield f"{source}: no new image comes into {target}: {error} {then}"
    if finds(before.names) != finds(after.names):
        yield from finds(after.names)


def _lost_and_new(before: Passwords, after: Passwords) -> Iterator[str]:
    """A line on each password that a request to Azure takes away, changes or adds."""
    for owner in before:
        if owner not in after or after[owner].value != before[owner].value:
            yield f"{owner}: its password stops working: pulls with it fail"
        elif lost := [each for each in before[owner].repositories if not after[owner].pulls(each)]:
            yield f"{owner}: pulls with it from {_named(lost)} fail"
    for owner, password in after.items():
        is_new = owner not in before or before[owner].value != password.value
        if is_new and not password.has_ended:
            yield f"{owner}: a new password{_until(password)}: bring it to the cluster"


def _named(repositories: Iterable[str]) -> str:
    return ", ".join("every repository" if each == "*" else each for each in repositories)


def _until(password: Password) -> str:
    return f" until {password.expiry}" if password.expiry else ""
