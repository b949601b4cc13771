"""Read the settings file and the environment into settings, or into problems with their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from ..arguments.base import FROM_A_FILE
from ..arguments.problems import Absent, Key, Problem, problems
from ..checks import clashes as across
from ..checks.combinations import refusals
from ..checks.known_arguments import RegistryRequest
from .backends import Backend, backend_by_name, wrong_states
from .document import Document, FileProblem, read
from .mending import Wrong, mended
from .model import Registry, Settings


class SettingsError(Exception):
    """A settings file that can't be used: all that is wrong with it, in order of line."""

    def __init__(self, file: str, problems: list[FileProblem]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__(
            "\n".join(
                f"{file}{f':{problem.line}' if problem.line else ''}: {problem.text}"
                for problem in self.problems
            )
        )


_KEYS: dict[Key, Key] = {
    ("container_registry", "deletion_protection"): ("deletion_protection",),
    ("container_registry", "location"): ("location",),
    ("lock", "lock_level"): ("container_registry", "lock"),
}
"""Keys of the file that differ from those of the arguments."""


@dataclass(frozen=True)
class SettingsFile:
    """The settings of a file, and the environment variables that it took values from."""

    settings: Settings
    variables: list[str]


def load(file: str, environ: Mapping[str, str]) -> SettingsFile:
    """Read the YAML ``file``, with the variables of ``environ`` expanded in its values.

    Raises:
        SettingsError: with every problem of the file at once.
    """
    document = read(file, environ)
    if document.data is Absent.ABSENT:
        raise SettingsError(file, document.problems)
    settings, wrong = _settings(document)
    reported = [*document.problems, *(document.problem(each) for each in wrong)]
    if settings is None or reported:
        raise SettingsError(file, reported)
    return SettingsFile(settings, sorted(document.variables))


def _settings(document: Document) -> tuple[Settings | None, list[Problem]]:
    """The settings, if they are right, and what is wrong with them.

    Rules over several keys and registries hold for all values that are right by themselves.
    """
    try:
        settings = Settings.model_validate(document.data, context=FROM_A_FILE)
    except ValidationError as error:
        wrong = [
            _with_hint(each)
            for each in problems(error, Settings)
            if not document.is_unset(each.key)
        ]
        return None, [*wrong, *_conflicts_of_valid_values(document)]
    return settings, list(_conflicts(settings.registries, settings.backend, document))


def _with_hint(problem: Problem) -> Problem:
    """A problem of a key at the top of the file, with what to do if it is there for anchors."""
    if len(problem.key) != 1 or problem.key[0] in Settings.model_fields:
        return problem
    hint = f"a key of your own, which holds anchors, begins with x-: x-{problem.key[0]}"
    return problem._replace(reason=f"{problem.reason}; {hint}")


def _conflicts_of_valid_values(document: Document) -> Iterator[Problem]:
    """What is wrong between values that are right by themselves."""
    data, wrong = document.data if isinstance(document.data, dict) else {}, Wrong()
    given = data.get("registries")
    read = {
        name: mended(Registry, settings, ("registries", name), wrong)
        for name, settings in (given if isinstance(given, dict) else {}).items()
    }
    registries = {name: each for name, each in read.items() if each}
    backend = mended(Backend, backend_by_name(data.get("backend", {})), ("backend",), wrong)
    between = _conflicts(registries, backend, document)
    yield from (problem for problem in between if not wrong.causes(problem))


def _conflicts(
    registries: Mapping[str, Registry], backend: Backend | None, document: Document
) -> Iterator[Problem]:
    """What is wrong between keys, between registries, and between registries and the backend."""
    requests = {name: registry.request() for name, registry in registries.items()}
    for name, request in requests.items():
        yield from _conflicts_of_one(name, registries[name], request)
    yield from _stacks(document.stacks)
    for clash in across.clashes(requests):
        claim = clash.claim
        first = _in_file(clash.first, clash.first_key)
        key = _in_file(clash.name, claim.key)
        yield Problem(key, claim.value, f"{claim.reason}, and another has it already", first)
    if backend:
        yield from wrong_states(backend, document.stacks)


def _conflicts_of_one(name: str, registry: Registry, request: RegistryRequest) -> Iterator[Problem]:
    if registry.adopt and registry.subscription_id is None:
        reason = "the ids of what is adopted begin with it (az account show --query id)"
        key = _in_file(name, ("subscription_id",))
        yield Problem(key, Absent.ABSENT, reason, _in_file(name, ("adopt",)))
    if isinstance(request.container_registry, str):
        for part in ("deletion_protection", "location"):
            value = getattr(registry, part)
            if part in registry.model_fields_set and value is not None:
                reason = "it has no meaning beside container_registry.id; give one"
                other = _in_file(name, ("container_registry", "id"))
                yield Problem(_in_file(name, (part,)), value, reason, other)
    for problem in refusals(request):
        other_key = problem.other and _in_file(name, problem.other)
        yield problem._replace(key=_in_file(name, problem.key), other=other_key)


def _stacks(names: list[str]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name in names:
        other = first.setdefault(name.casefold(), name)
        if other != name:
            reason = "a stack's name is a folder's, unique in upper or lower case; rename one"
            yield Problem(("registries", name), name, reason, ("registries", other))


def _in_file(registry: str, key: Key) -> Key:
    """The key in the file for a key of the registry's arguments."""
    return ("registries", registry, *_KEYS.get(key, key))
