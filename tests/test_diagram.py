"""The diagram of a stack shows the content of the stack's JSON, and nothing else."""

from __future__ import annotations

import copy
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT, Json
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib import diagram as module
from constructs_lib.diagram import diagram
from constructs_lib.settings import load

GROUP = "/subscriptions/0/resourceGroups/Hub/providers"
OUTPUTS: Json = {
    "registry_fqdn": {"sensitive": False, "value": "acr12345.azurecr.io"},
    "registry_private_ip": {"sensitive": False, "value": "10.0.8.5"},
    "registry_data_endpoints": {
        "sensitive": False,
        "value": {"acr12345.eastus.data.azurecr.io": "10.0.8.4"},
    },
}

LABEL = r'"(?:[^"`#\[\](){}<>|;%&\\\n]|#\d+;|<br/>)*"'
LINE = re.compile(
    rf"flowchart LR|end|\w+(?:\[{LABEL}\]|\(\[{LABEL}\]\)|\[\({LABEL}\)\])|subgraph \w+\[{LABEL}\]"
    rf"|\w+ (?:-->|--x|-\.->)\|{LABEL}\| \w+"
)
"""A line of a diagram that Mermaid accepts."""


@pytest.fixture
def stack(guide: Json) -> Json:
    """A copy of the guide's stack, which a test may change."""
    return copy.deepcopy(guide)


def lines(drawing: str) -> list[str]:
    """The lines of a diagram without their indentation."""
    return [line.strip() for line in drawing.splitlines()]


def change(stack: Json, kind: str, **attributes: Any) -> None:
    """Change the stack's only resource of a type; ``None`` removes an attribute."""
    (resource,) = stack["resource"][f"azurerm_{kind}"].values()
    resource.update(attributes)
    for name in [name for name, value in attributes.items() if value is None]:
        del resource[name]


def remove(stack: Json, *kinds: str) -> None:
    """Remove resources from the stack, as if they existed already."""
    for kind in kinds:
        del stack["resource"][f"azurerm_{kind}"]


def test_the_readme_shows_the_diagram_of_the_shipped_settings(
    synthesized: Callable[..., Json],
) -> None:
    """The whole guide, as ``make diagram`` prints it if no variable of the settings is set."""
    (shipped,) = load(str(ROOT / "registries.yaml"), {}).settings.registries.values()
    drawing = diagram(synthesized(**shipped.model_dump(exclude_unset=True)))
    shown = f"<!-- the output of: make diagram -->\n```mermaid\n{drawing}\n```\n<!-- end -->"
    assert shown in (ROOT / "README.md").read_text()


def test_the_diagram_shows_the_names_of_the_settings(synthesized: Callable[..., Json]) -> None:
    """The diagram shows neither tags nor the admin user."""
    drawing = diagram(
        synthesized(
            location="East US 2",
            virtual_network={"name": "own", "resource_group_name": "net"},
            endpoint_subnet={"name": "subnet", "address_prefix": "10.1.0.8/29"},
            container_registry={"name": "MyRegistry", "admin_enabled": True},
            private_dns_zone_virtual_network_link={"name": "link"},
            private_endpoint={"name": "endpoint", "private_service_connection_name": "connection"},
            tags={"team": "platform"},
        )
    )
    for name in ("VNet own", "subnet subnet, 10.1.0.8/29", "endpoint endpoint", "link link"):
        assert name in drawing
    for name in ("registry MyRegistry<br/>Premium, East US 2", "connection connection"):
        assert name in drawing
    assert "platform" not in drawing
    assert "admin" not in drawing


def test_a_deployed_stack_is_drawn_with_its_addresses(guide: Json) -> None:
    """The endpoint and the records show the addresses; record names lack the zone's suffix."""
    drawing = lines(diagram(guide, OUTPUTS))
    assert 'endpoint1["private endpoint acrPvtEndpoint<br/>10.0.8.5, 10.0.8.4"]' in drawing
    records = "acr12345: 10.0.8.5<br/>acr12345.eastus.data: 10.0.8.4"
    assert f'records1["records of acrPvtEndpoint<br/>{records}"]' in drawing


def test_addresses_of_another_registry_are_not_shown(synthesized: Callable[..., Json]) -> None:
    """The state is still that of an earlier name; a hash follows a name with a label."""
    other = synthesized(container_registry={"name": "acr123"})
    assert diagram(other, OUTPUTS) == diagram(other)
    stack = synthesized(container_registry={"name": "ACR12345"})
    labelled = json.loads(json.dumps(OUTPUTS).replace("acr12345", "acr12345-d7gqc9bqg5f3gbf5"))
    assert "10.0.8.5, 10.0.8.4" in diagram(stack, labelled)


def test_sensitive_unknown_and_empty_outputs_are_ignored(guide: Json) -> None:
    """Outputs that are sensitive, have other names or have no value do not change the diagram."""
    sensitive = {name: {**output, "sensitive": True} for name, output in OUTPUTS.items()}
    other = {"pull_secrets": {"sensitive": False, "value": "hunter2"}, "odd": 1}
    unset = {
        "registry_fqdn": {"value": "acr12345.azurecr.io"},
        "registry_private_ip": {"value": None},
        "registry_data_endpoints": {"value": {"acr12345.eastus.data.azurecr.io": None}},
    }
    for outputs in (sensitive, other, unset, {}):
        assert diagram(guide, outputs) == diagram(guide)


def test_existing_resources_are_named_by_their_ids(stack: Json) -> None:
    """The subnet, its network, the zone and the registry are found by their ids."""
    remove(stack, "subnet", "private_dns_zone", "container_registry")
    network = f"{GROUP}/Microsoft.Network/virtualNetworks/hub-net"
    zone = f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io"
    registry = f"{GROUP}/Microsoft.ContainerRegistry/registries/shared"
    change(
        stack,
        "private_endpoint",
        subnet_id=f"{network}/subnets/endpoints",
        private_service_connection=[{"name": "c", "private_connection_resource_id": registry}],
        private_dns_zone_group=[{"name": "g", "private_dns_zone_ids": [zone]}],
    )
    change(
        stack,
        "private_dns_zone_virtual_network_link",
        virtual_network_id=network.replace("Hub", "HUB"),  # Azure's ids are case-insensitive
        private_dns_zone_name="privatelink.azurecr.io",
        resource_group_name="hub",
    )
    drawing = lines(diagram(stack))
    assert len(drawing) == 15
    assert {*drawing} >= {
        'subgraph network1["VNet hub-net"]',
        'subgraph subnet1["subnet endpoints"]',
        'registry1[("registry shared")]',
        'subgraph zone1["private DNS zone privatelink.azurecr.io"]',
        'records1["records of acrPvtEndpoint<br/>registry"]',
        'endpoint1 -.->|"zone group g"| zone1',
        'network1 -.->|"link AcrDNSLink"| zone1',
    }


def test_replicas_and_static_addresses_are_shown(stack: Json) -> None:
    """Each replica has a data endpoint, and static addresses are shown before the deployment."""
    change(stack, "container_registry", georeplications=[{"location": "West US 2"}])
    change(
        stack,
        "private_endpoint",
        ip_configuration=[
            {"member_name": "registry", "private_ip_address": "10.0.8.10"},
            {"member_name": "registry_data_westus2", "private_ip_address": "10.0.8.12"},
        ],
    )
    drawing = lines(diagram(stack))
    assert 'registry1[("registry acr12345<br/>Premium, eastus, West US 2")]' in drawing
    assert 'endpoint1["private endpoint acrPvtEndpoint<br/>10.0.8.10, 10.0.8.12"]' in drawing
    records = "registry: 10.0.8.10<br/>data endpoint in eastus<br/>data endpoint in westus2"
    assert f'records1["records of acrPvtEndpoint<br/>{records}: 10.0.8.12"]' in drawing


def test_each_linked_network_is_drawn(stack: Json) -> None:
    """A linked network without the private endpoint is a node of its own."""
    links = stack["resource"]["azurerm_private_dns_zone_virtual_network_link"]
    (link,) = links.values()
    spoke = f"{GROUP}/Microsoft.Network/virtualNetworks/spoke"
    links["other"] = {**link, "name": "spoke-link", "virtual_network_id": spoke}
    drawing = lines(diagram(stack))
    assert 'network2["VNet spoke"]' in drawing
    assert 'network1 -.->|"link AcrDNSLink"| zone1' in drawing
    assert 'network2 -.->|"link spoke-link"| zone1' in drawing


def test_outputs_are_ignored_in_a_stack_with_two_registries(stack: Json) -> None:
    """Both registries are drawn without addresses, because either may own the outputs."""
    for kind in ("container_registry", "private_endpoint"):
        text = json.dumps(stack["resource"][f"azurerm_{kind}"])
        second = text.replace("acr_", "two_").replace("acr12345", "acr2").replace("acrPvt", "two")
        stack["resource"][f"azurerm_{kind}"].update(json.loads(second))
    drawing = lines(diagram(stack, OUTPUTS))
    assert 'endpoint1 -->|"connection acrConnection"| registry1' in drawing
    assert 'endpoint2 -->|"connection acrConnection"| registry2' in drawing
    assert 'internet1 --x|"blocked"| registry2' in drawing
    assert not [line for line in drawing if "10.0.8.5" in line]


def test_missing_resources_are_not_drawn(stack: Json) -> None:
    """A zone is missing if Azure Policy manages it, and an empty stack has an empty diagram."""
    change(stack, "private_endpoint", private_dns_zone_group=None)
    remove(stack, "private_dns_zone", "private_dns_zone_virtual_network_link")
    drawing = diagram(stack)
    assert "zone" not in drawing
    assert 'cluster1 -->|"pulls images"| endpoint1' in lines(drawing)
    assert diagram({}) == "flowchart LR"
    bare = diagram({"resource": {"azurerm_private_endpoint": {"x": {}}}})
    assert lines(bare) == ["flowchart LR", 'cluster1(["private ARO cluster"])']


@pytest.mark.parametrize("value", [True, None])
def test_public_access_is_drawn_as_open_unless_it_is_false(stack: Json, value: bool | None) -> None:
    """The default of azurerm for public network access is true."""
    change(stack, "container_registry", public_network_access_enabled=value)
    assert 'internet1 -->|"open"| registry1' in lines(diagram(stack))


@given(
    st.text() | st.sampled_from(['a"] --> b["', "`x`", "#quot;", "a\nend\n", "%%{init}", "</b>"])
)
def test_no_value_changes_the_structure_of_the_diagram(guide: Json, value: str) -> None:
    """Names, regions, addresses and outputs may contain any text."""
    stack = json.loads(json.dumps(guide))
    for kind in ("container_registry", "subnet", "private_dns_zone", "private_endpoint"):
        change(stack, kind, name=f"x{value}")
    change(stack, "container_registry", location=value, sku=value)
    change(stack, "subnet", address_prefixes=[value])
    change(stack, "private_dns_zone_virtual_network_link", name=value)
    outputs = {**OUTPUTS, "registry_private_ip": {"value": value}}
    drawing = lines(diagram(stack, outputs))
    assert len(drawing) == len(diagram(guide).splitlines())
    assert [line for line in drawing if not LINE.fullmatch(line)] == []


def test_dollar_signs_do_not_start_a_formula(stack: Json) -> None:
    """One of two dollar signs is removed, because Mermaid decodes labels before it finds ``$$``."""
    change(stack, "subnet", name="$$_$$")
    assert 'subgraph subnet1["subnet #36;#95;#36;, ' in diagram(stack)


def test_a_literal_value_is_shown_without_terraforms_escapes(stack: Json) -> None:
    """An escaped template is shown as Azure stores it, and a reference as the JSON contains it."""
    change(stack, "subnet", name="$${a}%%{b}")
    assert 'subgraph subnet1["subnet #36;#123;a#125;#37;#123;b#125;, ' in diagram(stack)
    change(stack, "subnet", name="${var.name}")
    assert 'subgraph subnet1["subnet #36;#123;var.name#125;, ' in diagram(stack)


def run_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str, stdin: str = ""
) -> None:
    """Run the diagram command in a folder."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    monkeypatch.setattr(sys, "argv", ["diagram", *arguments])
    monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    module.main()


def write_stacks(folder: Path, *stacks: str, text: str) -> None:
    """Write the JSON of stacks to the paths that a synthesis uses."""
    for name in stacks:
        file = folder / "cdktf.out" / "stacks" / name / "cdk.tf.json"
        file.parent.mkdir(parents=True)
        file.write_text(text)


def test_the_command_draws_the_only_stack_or_the_selected_one(
    guide: Json,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command reads outputs from a file, or from standard input, which may be empty."""
    write_stacks(tmp_path, "one", text=json.dumps(guide))
    run_command(tmp_path, monkeypatch)
    assert capsys.readouterr().out == f"{diagram(guide)}\n"
    (tmp_path / "outputs.json").write_text(json.dumps(OUTPUTS))
    run_command(tmp_path, monkeypatch, "one", "--outputs", "outputs.json")
    assert capsys.readouterr().out == f"{diagram(guide, OUTPUTS)}\n"
    run_command(tmp_path, monkeypatch, "--outputs", "-", stdin=json.dumps(OUTPUTS))
    assert capsys.readouterr().out == f"{diagram(guide, OUTPUTS)}\n"
    run_command(tmp_path, monkeypatch, "--outputs", "-", stdin="")
    assert capsys.readouterr().out == f"{diagram(guide)}\n"


@pytest.mark.parametrize(
    ("stacks", "arguments", "message"),
    [
        ([], [], "no stack in cdktf.out/stacks: run make synth"),
        (["one", "two"], [], "name a stack: the stacks in cdktf.out/stacks are one, two"),
        (["one", "two"], ["three"], "no stack three: the stacks in cdktf.out/stacks are one, two"),
        (["one"], ["two"], "no stack two: the stacks in cdktf.out/stacks are one"),
        (["one"], ["--outputs", "no.json"], "no.json: can't be read as JSON: "),
        (["one"], ["--outputs", "list.json"], "list.json: a JSON object is expected"),
        (["one"], ["--outputs", "cut.json"], "cut.json: can't be read as JSON: "),
    ],
)
def test_a_wrong_argument_is_reported(
    stacks: list[str],
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The program exits with status 1 and a message that lists the stacks or names the file."""
    write_stacks(tmp_path, *stacks, text="{}")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "cut.json").write_text("{")
    with pytest.raises(SystemExit) as stopped:
        run_command(tmp_path, monkeypatch, *arguments)
    assert str(stopped.value.code).startswith(message)


def test_the_diagram_starts_no_node() -> None:
    """The diagram's module imports neither cdktf nor jsii, and so starts quickly."""
    code = "import constructs_lib.diagram, sys; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert not {"cdktf", "jsii", "constructs", "subprocess"} & set(result.stdout.split())
