"""The tables, code, commands, settings and links in the documentation are correct."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from helpers import EXAMPLES, GOOD, ROOT, SUBSCRIPTION, read

from constructs_lib.arguments import not_offered
from constructs_lib.arguments.base import Arguments
from constructs_lib.arguments.bindings import SINCE
from constructs_lib.settings.table import rows, table

README = (ROOT / "README.md").read_text()
BACKENDS = (ROOT / "docs" / "backends.md").read_text()
LANDING_ZONE = (ROOT / "docs" / "landing-zone.md").read_text()


@pytest.mark.parametrize(
    ("file", "options", "output"),
    [
        ("README.md", "", table(every=False)),
        ("docs/landing-zone.md", " --every", table(every=True)),
        ("docs/landing-zone.md", " --not-offered", not_offered.table()),
    ],
)
def test_the_tables_are_generated_from_the_code(
    file: str, options: str, output: str, generated: Callable[[Path, str], None]
) -> None:
    """Each table is the output of the command in the comment above it."""
    comment = (
        f"<!-- the output of: .venv/bin/python -m constructs_lib.settings.table{options} -->\n"
    )
    before, _, after = (ROOT / file).read_text().partition(comment)
    rest = after[after.index("<!-- end -->") :]
    generated(ROOT / file, f"{before}{comment}{output}\n{rest}")


def test_every_key_is_described_and_in_an_example() -> None:
    """Users can copy a line of an example for each key, or uncomment it with newer bindings."""
    assert all(meaning for _, _, meaning in rows())
    shown = {
        key
        for registries in EXAMPLES.values()
        for registry in registries.values()
        for key in keys(registry)
    }
    missing = {key for key, _, _ in rows()} - shown
    assert missing == {f"container_registry.{name}" for name in SINCE}
    example = (ROOT / "examples" / "every-option.yaml").read_text()
    assert all(f"      # {name}: " in example for name in SINCE)


def keys(section: Arguments, above: str = "") -> Iterator[str]:
    """The keys that a section contains, each with the names of the sections around it."""
    for name in section.model_fields_set:
        yield f"{above}{name}"
        if isinstance(value := getattr(section, name), Arguments):
            yield from keys(value, f"{above}{name}.")


@pytest.mark.parametrize("shown", re.findall(r"```yaml\n(backend:.*?)```", BACKENDS, re.DOTALL))
def test_the_documented_backends_are_valid(shown: str, tmp_path: Path) -> None:
    """Each backend in docs/backends.md is valid and shows all of the backend's arguments."""
    backend = read(tmp_path, shown + GOOD).settings.backend
    (name,) = backend.model_fields_set
    arguments = getattr(backend, name)
    assert arguments.model_fields_set == set(type(arguments).model_fields)


def test_the_documented_anchors_are_valid(tmp_path: Path) -> None:
    """The registries of docs/landing-zone.md that share keys are two that go together."""
    (shown,) = re.findall(r"```yaml\n(x-.*?)```", LANDING_ZONE, re.DOTALL)
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/dns-rg/providers"
    zone = f"{group}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    registries = read(tmp_path, shown, ZONE_ID=zone).settings.registries
    assert [registry.location for registry in registries.values()] == ["eastus", "eastus"]


def test_the_readmes_commands_and_variables_exist() -> None:
    """The Makefile has the README's targets, and registries.yaml contains its variables."""
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"`make ([a-z]+)", README)) | {"synth", "deploy", "diff"}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    shipped = (ROOT / "registries.yaml").read_text()
    for name in re.findall(r"(\w+)=", " ".join(re.findall(r"^export (.*)$", README, re.MULTILINE))):
        assert f"${{{name}:-" in shipped or name == "ARM_SUBSCRIPTION_ID", name  # azurerm's own


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda page: page.name
)
def test_links_lead_somewhere(page: Path) -> None:
    """A link names a file and a heading that exist; each source is defined, and is named once."""
    text = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.DOTALL)
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", text):
        file, _, heading = target.partition("#")
        linked = page.parent / file if file else page
        assert linked.exists(), target
        assert not heading or heading in headings(linked.read_text()), target
    defined = re.findall(r"^\[([\w-]+)\]: ", text, re.MULTILINE)
    assert sorted(defined) == sorted(set(re.findall(r"\]\[([\w-]+)\]", text)))


def headings(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    shown = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in shown}


def test_each_output_is_explained(guide: dict[str, dict[str, object]]) -> None:
    """The README's table of the guide's steps contains each output of the stack."""
    assert set(re.findall(r"^\| `az .*\| output `(\w+)`", README, re.MULTILINE)) == set(
        guide["output"]
    )
