"""The picture of a stack shows what the stack's JSON says, and no more."""

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
"""Each line that Mermaid has been seen to take."""


@pytest.fixture
def stack(guide: Json) -> Json:
    """The guide's stack, to be changed."""
    return copy.deepcopy(guide)


def lines(picture: str) -> list[str]:
    """The picture's lines without their indentation."""
    return [line.strip() for line in picture.splitlines()]


def change(stack: Json, kind: str, **attributes: Any) -> None:
    """Change the stack's one resource of a type; ``None`` takes an attribute out."""
    (resource,) = stack["resource"][f"azurerm_{kind}"].values()
    resource.update(attributes)
    for name in [name for name, value in attributes.items() if value is None]:
        del resource[name]


def bring(stack: Json, *kinds: str) -> None:
    """Take resources out of the stack, as when they are brought along."""
    for kind in kinds:
        del stack["resource"][f"azurerm_{kind}"]


def test_the_readme_shows_the_picture_of_the_shipped_settings(
    synthesized: Callable[..., Json],
) -> None:
    """Write it anew with ``make diagram``, without any of the settings' variables set."""
    (shipped,) = load(str(ROOT / "registries.yaml"), {}).settings.registries.values()
    picture = diagram(synthesized(**shipped.model_dump(exclude_unset=True)))
    shown = f"<!-- the output of: make diagram -->\n```mermaid\n{picture}\n```\n<!-- end -->"
    assert shown in (ROOT / "README.md").read_text()


def test_everything_that_people_know_is_there(guide: Json) -> None:
    """Each in its place: the cluster pulls through the endpoint, and the internet can't."""
    assert diagram(guide).splitlines() == [
        "flowchart LR",
        '  registry1[("registry acr12345<br/>Premium, eastus")]',
        '  internet1(["public internet"])',
        '  subgraph network1["VNet aro-rcarrata-vnet"]',
        '    subgraph subnet1["subnet PrivateEndpoint-subnet<br/>10.0.8.0/23"]',
        '      endpoint1["private endpoint acrPvtEndpoint<br/>address known after deployment"]',
        "    end",
        '    cluster1(["private ARO cluster"])',
        "  end",
        '  subgraph zone1["private DNS zone privatelink.azurecr.io"]',
        '    records1["records of acrPvtEndpoint<br/>registry<br/>data endpoint in eastus"]',
        "  end",
        '  internet1 --x|"blocked"| registry1',
        '  cluster1 -->|"pulls images"| endpoint1',
        '  endpoint1 -->|"connection acrConnection"| registry1',
        '  endpoint1 -.->|"zone group ACR-ZoneGroup"| zone1',
        '  network1 -.->|"link AcrDNSLink"| zone1',
    ]


def test_names_are_those_of_the_settings(synthesized: Callable[..., Json]) -> None:
    """Not the defaults; and nothing is shown of tags or of the admin user."""
    picture = diagram(
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
    for name in ("VNet own", "subnet subnet<br/>10.1.0.8/29", "endpoint endpoint", "link link"):
        assert name in picture
    for name in ("registry MyRegistry<br/>Premium, East US 2", "connection connection"):
        assert name in picture
    assert "platform" not in picture
    assert "admin" not in picture


def test_a_deployed_stack_is_drawn_with_its_addresses(guide: Json) -> None:
    """At the endpoint, and by name in the zone, where the records lack the zone's suffix."""
    drawn = lines(diagram(guide, OUTPUTS))
    assert 'endpoint1["private endpoint acrPvtEndpoint<br/>10.0.8.5, 10.0.8.4"]' in drawn
    records = "acr12345: 10.0.8.5<br/>acr12345.eastus.data: 10.0.8.4"
    assert f'records1["records of acrPvtEndpoint<br/>{records}"]' in drawn


def test_outputs_that_are_secret_or_unknown_are_ignored(guide: Json) -> None:
    """Whatever they are called, and whatever they hold; so are those without a value."""
    secret = {name: {**output, "sensitive": True} for name, output in OUTPUTS.items()}
    other = {"pull_secret": {"sensitive": False, "value": "hunter2"}, "odd": 1}
    unset = {
        "registry_fqdn": {"value": "acr12345.azurecr.io"},
        "registry_private_ip": {"value": None},
        "registry_data_endpoints": {"value": {"acr12345.eastus.data.azurecr.io": None}},
    }
    for outputs in (secret, other, unset, {}):
        assert diagram(guide, outputs) == diagram(guide)


def test_what_is_brought_along_is_named_by_its_id(stack: Json) -> None:
    """Subnet and network by the subnet's id, zone and registry by theirs; the link finds both."""
    bring(stack, "subnet", "private_dns_zone", "container_registry")
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
        virtual_network_id=network.replace("Hub", "HUB"),  # Azure's ids know no capitals
        private_dns_zone_name="privatelink.azurecr.io",
        resource_group_name="hub",
    )
    assert lines(diagram(stack)) == [
        "flowchart LR",
        'subgraph network1["VNet hub-net"]',
        'subgraph subnet1["subnet endpoints"]',
        'endpoint1["private endpoint acrPvtEndpoint<br/>address known after deployment"]',
        "end",
        'cluster1(["private ARO cluster"])',
        "end",
        'registry1[("registry shared")]',
        'subgraph zone1["private DNS zone privatelink.azurecr.io"]',
        'records1["records of acrPvtEndpoint<br/>registry"]',
        "end",
        'cluster1 -->|"pulls images"| endpoint1',
        'endpoint1 -->|"connection c"| registry1',
        'endpoint1 -.->|"zone group g"| zone1',
        'network1 -.->|"link AcrDNSLink"| zone1',
    ]


def test_replicas_and_static_addresses_are_shown(stack: Json) -> None:
    """Each replica has a data endpoint of its own; what has a given address has it in the plan."""
    change(stack, "container_registry", georeplications=[{"location": "West US 2"}])
    change(
        stack,
        "private_endpoint",
        ip_configuration=[
            {"member_name": "registry", "private_ip_address": "10.0.8.10"},
            {"member_name": "registry_data_westus2", "private_ip_address": "10.0.8.12"},
        ],
    )
    drawn = lines(diagram(stack))
    assert 'registry1[("registry acr12345<br/>Premium, eastus, West US 2")]' in drawn
    assert 'endpoint1["private endpoint acrPvtEndpoint<br/>10.0.8.10, 10.0.8.12"]' in drawn
    records = "registry: 10.0.8.10<br/>data endpoint in eastus<br/>data endpoint in westus2"
    assert f'records1["records of acrPvtEndpoint<br/>{records}: 10.0.8.12"]' in drawn


def test_each_linked_network_is_drawn(stack: Json) -> None:
    """One that the endpoint is not in stands for itself."""
    links = stack["resource"]["azurerm_private_dns_zone_virtual_network_link"]
    (link,) = links.values()
    spoke = f"{GROUP}/Microsoft.Network/virtualNetworks/spoke"
    links["other"] = {**link, "name": "spoke-link", "virtual_network_id": spoke}
    drawn = lines(diagram(stack))
    assert 'network2["VNet spoke"]' in drawn
    assert 'network1 -.->|"link AcrDNSLink"| zone1' in drawn
    assert 'network2 -.->|"link spoke-link"| zone1' in drawn


def test_two_registries_in_a_stack_have_no_outputs_that_are_surely_theirs(stack: Json) -> None:
    """Both are drawn, the outputs at neither."""
    for kind in ("container_registry", "private_endpoint"):
        text = json.dumps(stack["resource"][f"azurerm_{kind}"])
        second = text.replace("acr_", "two_").replace("acr12345", "acr2").replace("acrPvt", "two")
        stack["resource"][f"azurerm_{kind}"].update(json.loads(second))
    drawn = lines(diagram(stack, OUTPUTS))
    assert 'endpoint1 -->|"connection acrConnection"| registry1' in drawn
    assert 'endpoint2 -->|"connection acrConnection"| registry2' in drawn
    assert 'internet1 --x|"blocked"| registry2' in drawn
    assert not [line for line in drawn if "10.0.8.5" in line]


def test_what_is_not_there_is_not_drawn(stack: Json) -> None:
    """Azure Policy keeps the records of an endpoint without a zone group, and the zone."""
    change(stack, "private_endpoint", private_dns_zone_group=None)
    bring(stack, "private_dns_zone", "private_dns_zone_virtual_network_link")
    drawn = diagram(stack)
    assert "zone" not in drawn
    assert 'cluster1 -->|"pulls images"| endpoint1' in lines(drawn)
    assert diagram({}) == "flowchart LR"
    bare = diagram({"resource": {"azurerm_private_endpoint": {"x": {}}}})
    assert lines(bare) == ["flowchart LR", 'cluster1(["private ARO cluster"])']


@pytest.mark.parametrize("value", [True, None])
def test_public_access_that_is_not_off_is_drawn_as_open(stack: Json, value: bool | None) -> None:
    """On, or left out, which means on to the provider."""
    change(stack, "container_registry", public_network_access_enabled=value)
    assert 'internet1 -->|"open"| registry1' in lines(diagram(stack))


@given(
    st.text() | st.sampled_from(['a"] --> b["', "`x`", "#quot;", "a\nend\n", "%%{init}", "</b>"])
)
def test_no_value_breaks_out_of_its_label(guide: Json, value: str) -> None:
    """Whatever the names, regions, addresses and outputs are, Mermaid sees the same structure."""
    stack = json.loads(json.dumps(guide))
    for kind in ("container_registry", "subnet", "private_dns_zone", "private_endpoint"):
        change(stack, kind, name=f"x{value}")
    change(stack, "container_registry", location=value, sku=value)
    change(stack, "subnet", address_prefixes=[value])
    change(stack, "private_dns_zone_virtual_network_link", name=value)
    outputs = {**OUTPUTS, "registry_private_ip": {"value": value}}
    drawn = lines(diagram(stack, outputs))
    assert len(drawn) == len(diagram(guide).splitlines())
    assert [line for line in drawn if not LINE.fullmatch(line)] == []


def test_a_formula_is_no_formula(stack: Json) -> None:
    """Mermaid decodes a label before it looks for ``$$``, so that no encoding would help."""
    change(stack, "subnet", name="$$_$$")
    assert 'subgraph subnet1["subnet #36;#95;#36;<br/>' in diagram(stack)


def test_a_literal_value_is_shown_as_azure_has_it(stack: Json) -> None:
    """Without what keeps Terraform from taking it for a template; references are followed."""
    change(stack, "subnet", name="$${a}%%{b}")
    assert 'subgraph subnet1["subnet #36;#123;a#125;#37;#123;b#125;<br/>' in diagram(stack)
    change(stack, "subnet", name="${var.name}")
    assert 'subgraph subnet1["subnet #36;#123;var.name#125;<br/>' in diagram(stack)


def drawn_by_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str, stdin: str = ""
) -> None:
    """Run the command in a folder."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv("CDKTF_OUTDIR", raising=False)
    monkeypatch.setattr(sys, "argv", ["diagram", *arguments])
    monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
    module.main()


def write(folder: Path, *stacks: str, text: str) -> None:
    """Write stacks as a synthesis does."""
    for name in stacks:
        file = folder / "cdktf.out" / "stacks" / name / "cdk.tf.json"
        file.parent.mkdir(parents=True)
        file.write_text(text)


def test_the_command_draws_the_only_stack_or_the_one_that_is_named(
    guide: Json,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the outputs of a file, or of what Terraform prints into a pipe, if it prints any."""
    write(tmp_path, "one", text=json.dumps(guide))
    drawn_by_command(tmp_path, monkeypatch)
    assert capsys.readouterr().out == f"{diagram(guide)}\n"
    (tmp_path / "outputs.json").write_text(json.dumps(OUTPUTS))
    drawn_by_command(tmp_path, monkeypatch, "one", "--outputs", "outputs.json")
    assert capsys.readouterr().out == f"{diagram(guide, OUTPUTS)}\n"
    drawn_by_command(tmp_path, monkeypatch, "--outputs", "-", stdin=json.dumps(OUTPUTS))
    assert capsys.readouterr().out == f"{diagram(guide, OUTPUTS)}\n"
    drawn_by_command(tmp_path, monkeypatch, "--outputs", "-", stdin="")
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
def test_a_mistake_is_answered_with_what_there_is(
    stacks: list[str],
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the error message that the program exits with, whose status is then 1."""
    write(tmp_path, *stacks, text="{}")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "cut.json").write_text("{")
    with pytest.raises(SystemExit) as stopped:
        drawn_by_command(tmp_path, monkeypatch, *arguments)
    assert str(stopped.value.code).startswith(message)


def test_drawing_starts_no_node() -> None:
    """And imports neither cdktf nor jsii: a reader of JSON answers at once."""
    code = "import constructs_lib.diagram, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert not {"cdktf", "jsii", "constructs", "subprocess"} & set(done.stdout.split())
