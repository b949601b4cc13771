"""What changes mean: each is compared with the rules and with the accepted risks."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from ..privacy import reach
from ..privacy.attributes import (
    AUDIT_LOGS,
    ENDPOINT,
    IDENTITY,
    LINK,
    LOCK,
    NETWORK,
    NEW_NETWORK,
    RECORDS,
    RESOURCE_GROUP,
    ROLE,
    SUBNET,
    WEBHOOK,
    ZONE,
    unwrap_block,
    value,
)
from ..privacy.classification import CLASSIFIED, is_classified, is_harmless
from ..privacy.conditions import same
from ..privacy.rule import Rule
from ..privacy.rules import REQUIRED, RULES
from ..privacy.surroundings import ZONES
from ..stack_json import Json, without_secrets
from .accepted import ANY, AcceptedRisk, is_over
from .changes import FURTHER, MAY_GO, OUTSIDE, UNKNOWN, Change, Difference, as_mapping


class Finding(NamedTuple):
    """A rule that a change breaks or meets.

    Attributes:
        change: the change.
        rule: the rule.
        attribute: the rule's attribute; ``added`` or ``removed`` for a whole resource.
        verdict: ``no longer``, ``not`` (a new resource) or ``still not``; ``now``, if it is met.
        before: the attribute's value before.
        after: the attribute's value after.
    """

    change: Change
    rule: Rule
    attribute: str
    verdict: str
    before: Any = None
    after: Any = None

    @property
    def weakens(self) -> bool:
        """Whether the change breaks the rule."""
        return self.verdict != "now"

    @property
    def risk(self) -> str:
        """The beginning of the line that accepts it, up to the reason."""
        is_whole = self.attribute in ("added", "removed")
        value = "" if is_whole else f" = {as_text(self.after)}"
        return f"{self.change.stack} {self.change.address} {self.attribute}{value}:"


def as_text(value: Any) -> str:
    """A value as JSON, without what is hidden."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=lambda each: each.text)
    return without_secrets(text)


_OTHERS = (
    r"^(?!.*/providers/(?!microsoft\.(containerregistry|management|authorization|subscription)))"
    r"(?!\$\{(id of |data\.)?azurerm_(?!container_registry|resource_group|subscription"
    r"|management_group))"
)
"""A scope that is neither a resource of another service nor in one: a registry, or above it."""
_UNKNOWN = r"^\$\{(?!id of |(data\.)?azurerm_(?!container_registry|private_dns_zone))"
_SIGNS = {
    AUDIT_LOGS: ("target_resource_id", rf"containerregistry|{_UNKNOWN}"),
    ENDPOINT: ("private_service_connection.subresource_names", r"registry|^\W*\$\{"),
    LINK: ("private_dns_zone_name private_dns_zone_id", rf"{ZONES}|{_UNKNOWN}"),
    LOCK: ("scope", _OTHERS),
    ROLE: ("scope", _OTHERS),
    ZONE: ("name", rf"{ZONES}|^\$\{{"),
    **dict.fromkeys(RECORDS, ("zone_name private_dns_zone_id", rf"{ZONES}|{_UNKNOWN}")),
}
"""What shows that a resource is a registry's: attributes, and a pattern of their values."""
_FORGOTTEN = (
    "Put it back, or destroy its stack first: it stays in Azure, but Terraform no longer looks "
    "after it, and fails to create another one of its name."
)
_VALUES = ("data.", "random_", "terraform_data", "time_")
"""What only gives a value to others, such as the principal of a role."""
_SHARED = (IDENTITY, NETWORK, NEW_NETWORK, RESOURCE_GROUP, SUBNET)
"""What may have nothing to do with a registry."""


def findings(change: Change) -> Iterator[Finding]:
    """Every rule that a change breaks or meets."""
    found = [*_of_rules(change), *_of_others(change)]
    named = [finding.attribute for finding in found]
    if _is_the_registrys(change) and change.before and change.after:
        found += _of_replacement(change, named)
    yield from found
    for attribute in change.plain:
        if attribute not in named:
            yield _broken(change, reach.PLAIN, attribute)
    if change.type not in CLASSIFIED or not change.before or not _is_the_registrys(change):
        return
    for difference in change.differences() if change.after else ():
        path = re.sub(r"\[\d+\]", "", difference.attribute)
        attribute = path.partition(".")[0]
        is_known = is_classified(change.type, path) and not _is_outside(change, path)
        if not is_known and attribute not in named:
            named.append(attribute)
            yield _broken(change, reach.UNCLASSIFIED, attribute)


def _is_outside(change: Change, path: str) -> bool:
    """Whether somebody has changed an argument that a rule reads, and the plan keeps it."""
    if change.what != OUTSIDE or is_harmless(change.type, path):
        return False
    rules = [
        {**_LET_ALL_IN, **as_mapping(unwrap_block((side or {}).get("network_rule_set")))}
        for side in (change.before, change.after)
    ]
    return not path.startswith("network_rule_set") or not same(*rules)


_LET_ALL_IN = {"default_action": "Allow"}
"""What Azure answers for network rules that nobody has set."""


def _of_rules(change: Change) -> Iterator[Finding]:
    for rule in _rules(change):
        if verdict := _verdict(rule, change):
            attribute = "added" if rule.is_strengthening and verdict == "now" else rule.attribute
            sides = [rule.value(each) for each in (change.before, change.after)]
            yield Finding(change, rule, attribute, verdict, *sides)
    if change.id_before and _is_the_registrys(change) and not change.type.startswith("data."):
        addresses = change.id_before, change.address
        yield Finding(change, reach.CONSTRUCT_ID, "id", "no longer", *addresses)


def _of_replacement(change: Change, reported: Collection[str]) -> Iterator[Finding]:
    """What a plan replaces a resource for.

    A lock is replaced without a risk for its notes and for what triggers it: it steps aside for
    what Azure would refuse under it, and is there again at the end of the same apply.
    """
    rules = [rule for rule in RULES if rule.type == change.type]
    for path in change.replaced or ():
        named = [rule for rule in rules if rule.attribute == path]
        if path in reported or not rules or (change.type == LOCK and not named):
            continue
        by_title = [rule for rule in rules if "cut" in rule.title or "replaced" in rule.title]
        removed = [rule for rule in rules if rule.attribute == "removed"]
        rule = [*named, *by_title, *removed][0]
        sides = (value("", each or {}, path) for each in (change.before, change.after))
        yield Finding(change, replace(rule, attribute=path), path, "no longer", *sides)


def _of_others(change: Change) -> Iterator[Finding]:
    """What a change means of a type that has no rules, or of what a registry depends on."""
    if change.type == "required_provider":
        yield _broken(change, reach.FOREIGN, "source")
    elif change.type == "file":
        yield _broken(change, reach.FURTHER_FILE, "content")
    elif change.type == "stack":
        yield _broken(change, reach.STACK_NAME, "name")
    elif change.what in dict(FURTHER.values()):
        yield _broken(change, reach.FURTHER[change.type], "added")
    elif change.type not in (*CLASSIFIED, NETWORK) and (rule := _rule_of_others(change)):
        both = change.before is not None and change.after is not None
        if both and change.what not in (MAY_GO, "deferred"):
            names = _changed(change) or change.replaced or ()
            yield from (_broken(change, rule, name) for name in names)
        elif change.after is not None or rule.required:
            yield _broken(change, rule, "added" if change.after is not None else "removed")
    elif change.type == WEBHOOK and change.before is None:
        yield _broken(change, next(rule for rule in RULES if rule.type == WEBHOOK), "added")


def _rule_of_others(change: Change) -> Rule | None:
    """The rule on a type that has none; required, if it is a risk to remove such a resource."""
    way = reach.reach(change.type)
    if way and (not way.by or change.around != ""):
        rule = replace(reach.NAMED, title=way.title, remedy=way.remedy)
        return replace(rule, required=way.goes)
    reads_only = change.type.startswith("data.azurerm_")
    gives_a_value = change.type.startswith(_VALUES) and change.around == "used"
    if change.before is not None and (
        change.around == "needed" or gives_a_value or (reads_only and change.around)
    ):
        return replace(reach.USED, required=change.is_resource)
    if change.around != "touches" or reads_only:
        return None
    is_azurerm = change.type.startswith(("azurerm_", "terraform_data", "data.", "ephemeral."))
    return replace(reach.NAMED, required=True) if is_azurerm else reach.FOREIGN


def _changed(change: Change) -> list[str]:
    """The arguments that change, each once, except for those that mean nothing for anything."""
    names = (re.split(r"[.[]", each.attribute)[0] for each in change.differences())
    return [name for name in dict.fromkeys(names) if name not in ("tags", "depends_on")]


def _broken(change: Change, rule: Rule, attribute: str) -> Finding:
    sides = [(each or {}).get(attribute) for each in (change.before, change.after)]
    verdict = "not" if change.before is None else "no longer"
    return Finding(change, replace(rule, attribute=attribute), attribute, verdict, *sides)


def _is_the_registrys(change: Change) -> bool:
    """Whether a resource has to do with a registry; if that is unknown, it has."""
    if change.around:
        return True
    if change.type not in _SIGNS:
        return change.around is None or change.type not in _SHARED
    attributes, sign = _SIGNS[change.type]
    texts = [
        str(value("", side, attribute))
        for side in (change.before, change.after)
        if side
        for attribute in attributes.split()
    ]
    known = [text for text in texts if text != "None" and UNKNOWN.text not in text]
    is_unknown = change.around is None and (
        not known or any(UNKNOWN.text in text for text in texts)
    )
    return is_unknown or any(re.search(sign, text.lower()) for text in known)


def may_be_of_a_registry(change: Change, stated: Json) -> bool:
    """Whether what a configuration states shows a registry in the place of an unknown value."""
    names, sign = _SIGNS.get(change.type, ("", ""))
    return any(
        re.search(sign, text.lower())
        for name in names.split()
        if UNKNOWN.text in str(value("", change.after or {}, name))
        for text in str(value("", stated, name)).split()
    )


def _rules(change: Change) -> list[Rule]:
    """The rules for a change."""
    runs = change.is_resource or change.type == "removed"
    rules = [reach.PROVISIONER, reach.ACTION] if runs else []
    is_the_registrys = _is_the_registrys(change)
    if is_the_registrys:
        rules += [rule for rule in RULES if rule.type == change.type]
    if is_the_registrys and change.is_resource and (change.around or change.type in CLASSIFIED):
        rules += [reach.ANOTHER_PROVIDER, *([reach.TRIGGER] if change.type != LOCK else [])]
    removed = [rule for rule in rules if rule.attribute == "removed"]
    if change.after is None and change.what == "forgotten":
        return [replace(rule, remedy=_FORGOTTEN) for rule in removed]
    return removed if change.after is None else rules


def _verdict(rule: Rule, change: Change) -> str | None:
    """What a change does to a rule; none, if it neither breaks nor meets it."""
    broken = not rule.check(change.before, change.after)
    if rule.attribute == "removed" and change.what == MAY_GO:
        return "no longer"
    if change.before is None:
        if rule.is_strengthening:
            return "now" if change.what not in dict(FURTHER.values()) else None
        # A new resource is compared with azurerm's defaults.
        return "not" if broken and (rule.required or rule.check(None, {})) else None
    was_broken = not rule.check(None, change.before)
    if broken and was_broken:
        is_known = value("", change.after or {}, rule.attribute) is not UNKNOWN
        worse = rule.worsens(change.before, change.after or {})
        return "still not" if worse and is_known else None
    if broken:
        return "no longer"
    return "now" if was_broken else None


@dataclass
class StackReport:
    """The report on one stack."""

    weakens: list[Finding] = field(default_factory=list)
    accepted: list[tuple[Finding, str]] = field(default_factory=list)
    strengthenings: list[Finding] = field(default_factory=list)
    changes: list[tuple[Change, list[Difference]]] = field(default_factory=list)


@dataclass
class Report:
    """The report on each stack, and on the file of accepted risks.

    Attributes:
        of: what is reviewed.
        stacks: the report on each stack, by its name.
        unused: the lines of the file that accept nothing.
        exceptions_added: the lines that the change adds to the file.
        exceptions_removed: the lines that the change takes out of it.
        note: what the review does not see; empty, as a rule.
    """

    of: str
    stacks: dict[str, StackReport]
    unused: list[str]
    exceptions_added: list[str] = field(default_factory=list)
    exceptions_removed: list[str] = field(default_factory=list)
    note: str = ""

    @property
    def weakens(self) -> bool:
        """Whether anything weakens that nobody has accepted."""
        return any(stack.weakens for stack in self.stacks.values())


def review(
    of: str,
    changes: Sequence[Change],
    risks: Sequence[AcceptedRisk],
    base: Collection[str] | None = (),
) -> Report:
    """Compare changes with the rules and the accepted risks.

    An acceptance is for what was seen: a line that the base has already accepts nothing more. In a
    plan, which has no base, a line has to state the value that it accepts.
    """
    report = Report(of, {}, [])
    used: set[str] = set()
    for change in changes:
        stack = report.stacks.setdefault(change.stack, StackReport())
        reported = list(findings(change))
        for finding in reported:
            matching = [risk for risk in risks if _accepts(risk, finding, base)]
            used |= {risk.line for risk in matching}
            reasons = [risk.reason for risk in matching]
            in_the_stack = change.reasons.get(finding.attribute, "")
            if in_the_stack.strip() and finding.rule in REQUIRED and not is_over(in_the_stack):
                reasons.insert(0, in_the_stack)
            if not finding.weakens:
                stack.strengthenings.append(finding)
            elif reasons:
                stack.accepted.append((finding, reasons[0]))
            else:
                stack.weakens.append(finding)
        rest = _rest(change, [finding.attribute for finding in reported])
        if rest or change.action not in ("changed", OUTSIDE):
            stack.changes.append((change, rest))
    report.unused = [risk.line for risk in risks if risk.line not in used]
    return report


def _rest(change: Change, reported: list[str]) -> list[Difference]:
    """The other attributes that change, unless the whole resource is removed."""
    if change.after is None:
        return []
    return [
        difference
        for difference in change.differences()
        if not any(difference.lies_in(attribute) for attribute in reported)
    ]


def _accepts(risk: AcceptedRisk, finding: Finding, base: Collection[str] | None) -> bool:
    where = {finding.change.address, finding.change.type, finding.change.id_before}
    is_whole = finding.attribute in ("added", "removed")
    any_value = is_whole or (base is not None and risk.value is ANY)
    same_value = any_value or (
        risk.value is not ANY and as_text(risk.value) == as_text(finding.after)
    )
    return (
        finding.weakens
        and risk.stack == finding.change.stack
        and risk.where in where
        and risk.attribute == finding.attribute
        and same_value
        and risk.line not in (base or ())
        and not is_over(risk.reason)
    )
