"""Terraform itself evaluates the expressions of ``constructs_lib.terraform``."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from ipaddress import IPv4Network, ip_network
from pathlib import Path
from typing import Any

import cdktf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constructs_lib import terraform

REGISTRY = "acr12345.azurecr.io"
DATA = "acr12345.eastus.data.azurecr.io"

Evaluate = Callable[..., list[Any]]


@pytest.fixture(scope="module")
def evaluate(tmp_path_factory: pytest.TempPathFactory) -> Evaluate:
    """A function that evaluates values of Terraform's JSON in one ``terraform console``."""
    folder = tmp_path_factory.mktemp("console")

    def run(*expressions: str, **values: object) -> list[Any]:
        Path(folder, "main.tf.json").write_text(json.dumps({"locals": values}))
        console = subprocess.run(
            ["terraform", "console"],
            cwd=folder,
            input=f"jsonencode([{', '.join(map(quoted, expressions))}])",
            capture_output=True,
            text=True,
            check=True,
        )
        results: list[Any] = json.loads(json.loads(console.stdout))
        return results

    return run


def quoted(value: str) -> str:
    """A value of Terraform's JSON as a quoted template in Terraform's own language."""
    return f'"{value}"'


def record(fqdn: str, *ips: str) -> dict[str, object]:
    """A record set in the provider's state, which exists after a zone group is attached."""
    return {"name": fqdn.split(".")[0], "fqdn": fqdn, "ip_addresses": ips, "ttl": 10, "type": "A"}


def config(fqdn: str, *ips: str) -> dict[str, object]:
    """A DNS configuration in the provider's state, which exists without a zone group."""
    return {"fqdn": fqdn, "ip_addresses": ips}


def endpoint(*record_sets: list[dict[str, object]], custom: list[Any] | None = None) -> Any:
    """The DNS part of a private endpoint's state."""
    configs = [{"record_sets": records} for records in record_sets]
    return {"private_dns_zone_configs": configs, "custom_dns_configs": custom or []}


DATA_RECORD = record("acr12345.eastus.data.privatelink.azurecr.io", "10.0.8.4")
REGISTRY_RECORD = record("acr12345.privatelink.azurecr.io", "10.0.8.5")
BOTH = {DATA: ["10.0.8.4"], REGISTRY: ["10.0.8.5"]}


BY_CONFIG = [config(DATA, "10.0.8.4"), config(REGISTRY, "10.0.8.5")]
TWO_ADDRESSES = {**BOTH, REGISTRY: ["10.0.8.5", "10.0.8.6"]}
RECORDS = [DATA_RECORD, REGISTRY_RECORD]
NO_ADDRESS = record("acr12345.privatelink.azurecr.io")
STATES: dict[str, tuple[Any, dict[str, list[str]]]] = {
    "zone group": (endpoint(RECORDS), BOTH),
    "the other order": (endpoint(RECORDS[::-1]), BOTH),
    "two zones": (endpoint([DATA_RECORD], [REGISTRY_RECORD]), BOTH),
    "the same address twice": (endpoint(RECORDS, RECORDS), BOTH),
    "no zone group": (endpoint(custom=BY_CONFIG), BOTH),
    "two addresses": (endpoint(RECORDS, custom=[config(REGISTRY, "10.0.8.6")]), TWO_ADDRESSES),
    "no address": (endpoint([NO_ADDRESS]), {REGISTRY: []}),
    "no record": (endpoint(), {}),
}


@pytest.mark.parametrize(("state", "expected"), STATES.values(), ids=STATES)
def test_addresses_are_found_by_host_name(
    evaluate: Evaluate, state: Any, expected: dict[str, list[str]]
) -> None:
    """Addresses have public host names, whichever attribute and order the state contains."""
    assert evaluate(terraform.by_host_name("local.endpoint"), endpoint=state) == [expected]


def test_data_endpoints_are_all_hosts_except_the_registry(evaluate: Evaluate) -> None:
    """The registry may have the name ``data``; several addresses of a data endpoint become null."""
    hosts = {
        "data.azurecr.io": ["10.0.8.6"],
        "data.eastus.data.azurecr.io": ["10.0.8.4"],
        "data.westus.data.azurecr.io": ["10.0.8.5", "10.0.8.7"],
    }
    assert evaluate(terraform.of_data_endpoints("local.hosts"), hosts=hosts) == [
        {"data.eastus.data.azurecr.io": "10.0.8.4", "data.westus.data.azurecr.io": None}
    ]


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ({REGISTRY: [], DATA: []}, REGISTRY),
        ({"acr-abc123.azurecr.us": [], "acr-abc123.usgovvirginia.data.azurecr.us": []}, None),
        ({}, None),
    ],
)
def test_the_registrys_host_name_has_three_labels(
    evaluate: Evaluate, hosts: dict[str, list[str]], expected: str | None
) -> None:
    """The registry's host name is found in any cloud, and null while the connection is pending."""
    expected = expected or next((host for host in hosts if host.count(".") == 2), None)
    assert evaluate(terraform.registry_host_name("local.hosts"), hosts=hosts) == [expected]


networks = st.builds(
    lambda address, length: ip_network((address, length), strict=False),
    st.integers(0, 2**32 - 1) | st.integers(10 << 24, (10 << 24) + 2**16),
    st.integers(0, 32) | st.integers(8, 26),
)


@given(st.lists(st.tuples(networks, st.lists(networks, max_size=3)), min_size=50, max_size=50))
@settings(max_examples=5)
def test_a_prefix_lies_in_an_address_space_as_in_python(
    evaluate: Evaluate, cases: list[tuple[IPv4Network, list[IPv4Network]]]
) -> None:
    """The expression returns the same result as Python's ``subnet_of``."""
    expressions = [
        terraform.expression(
            terraform.lies_in(f'"{prefix}"', json.dumps([str(space) for space in spaces]))
        )
        for prefix, spaces in cases
    ]
    expected = [any(prefix.subnet_of(space) for space in spaces) for prefix, spaces in cases]
    assert evaluate(*expressions) == expected


def test_a_prefix_may_lie_in_one_of_several_address_spaces(evaluate: Evaluate) -> None:
    """IPv6 spaces are ignored, and an IPv4 space with a longer prefix does not contain it."""
    inside, outside = (
        terraform.expression(terraform.lies_in('"10.0.8.0/23"', json.dumps(spaces)))
        for spaces in (["fd00::/48", "10.0.0.0/20"], ["fd00::/48", "10.0.8.0/24", "10.1.0.0/16"])
    )
    assert evaluate(inside, outside) == [True, False]


LITERALS = ["", "plain", "a $ and a % {", "$${literal}", "%%{literal}", "{TfToken[TOKEN.0]}"]
TEMPLATES = ["${var.name}", "a-${b}", "%{if a}", "${TfToken[TOKEN.7]}"]
COLLECTIONS = [cdktf.Token.as_list("${a}"), cdktf.Token.as_string_map("${a}")]


@pytest.mark.parametrize("value", [*LITERALS, 1, True, None, ["a"], {"a": "${b}"}, [], {}])
def test_a_literal_value_is_known(value: object) -> None:
    """An escaped template is known, and a map is known even if a value in it is a template."""
    assert terraform.is_known(value)


@pytest.mark.parametrize("value", [*TEMPLATES, *COLLECTIONS, cdktf.Fn.uuid()])
def test_a_template_or_a_token_is_not_known(value: object) -> None:
    """A token for a whole collection is a list with one item, or a map with one key."""
    assert not terraform.is_known(value)


@given(st.text(st.sampled_from("${}% a"), max_size=12))
def test_terraform_reads_a_literal_as_the_original_text(text: str) -> None:
    """``literal`` doubles the dollar and percent signs that would begin a template."""
    escaped = terraform.literal(text)
    assert terraform.is_known(escaped)
    assert escaped.replace("$${", "${").replace("%%{", "%{") == text


def test_terraform_converts_a_region_to_azures_spelling(evaluate: Evaluate) -> None:
    """Terraform writes ``East US 2`` as ``eastus2``, as in the names of an endpoint's members."""
    regions = map(terraform.region, ("${local.long}", "${local.east} US ${local.number}"))
    assert evaluate(*regions, long="East US 2", east="East", number=2) == ["eastus2"] * 2


def test_terraform_finds_a_segment_of_an_id(evaluate: Evaluate) -> None:
    """A resource id may be one template, or contain templates for some of its segments."""
    ids = ("${local.id}", "/subscriptions/s/resourceGroups/${local.group}")
    found = [terraform.segment(id, 4) for id in ids]
    assert evaluate(*found, id="/subscriptions/s/resourceGroups/a", group="b") == ["a", "b"]


def test_tokens_in_an_expression_are_references() -> None:
    """Tokens have no quotes, because cdktf writes them without braces in an expression."""
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "stack")
    location = cdktf.TerraformVariable(stack, "location", type="string").string_value
    cdktf.TerraformLocal(stack, "one", terraform.region(location))
    cdktf.TerraformLocal(stack, "two", terraform.region(f"{location} 2"))
    assert json.loads(cdktf.Testing.synth(stack))["locals"] == {
        "one": '${lower(replace(var.location, " ", ""))}',
        "two": '${lower(replace(join("", [var.location, " 2"]), " ", ""))}',
    }
