"""The reader of the settings file: the settings that it loads, and the problems it reports."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from helpers import GOOD, ROOT, SUBSCRIPTION, problems, read
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.settings import SettingsError, load

NETWORK_NAME = (
    "letters, digits, '.', '_' and '-', beginning with a letter or digit "
    "and ending with a letter, digit or '_'"
)
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/hub/providers"
REGISTRY_ID = f"{GROUP}/Microsoft.ContainerRegistry/registries/acr12345"
FOUR = "Azure cannot assign it in 10.0.8.0/23: the first four addresses"
LIES = "Azure cannot assign it in 10.0.8.0/23: it lies outside"
NO_NEW = "it has no meaning beside container_registry.id; give one"


def with_line(number: int, line: str) -> str:
    """The good file with one line replaced."""
    lines = GOOD.splitlines()
    lines[number - 1] = line
    return "\n".join(lines)


GUIDE = {
    "AZR_RESOURCE_GROUP": "aro-mobb-rg",
    "AZR_RESOURCE_LOCATION": "eastus",
    "ARO_VNET_NAME": "aro-rcarrata-vnet",
    "PRIVATEENDPOINTSUBNET_NAME": "PrivateEndpoint-subnet",
    "PRIVATEENDPOINTSUBNET_PREFIX": "10.0.8.0/23",
    "ACR_NAME": "acr12345",
}
OTHER = dict(zip(GUIDE, ["rg", "westus", "vnet", "subnet", "10.1.0.0/24", "acr23"], strict=True))


@pytest.mark.parametrize(("variables", "values"), [({}, GUIDE), (OTHER, OTHER)])
def test_the_shipped_file_takes_the_guides_variables(
    variables: dict[str, str], values: dict[str, str]
) -> None:
    """Each one has its place in the settings, and the guide's value if it is not set."""
    loaded = load(str(ROOT / "registries.yaml"), variables)
    (registry,) = loaded.settings.registries.values()
    subnet, created = (registry.arguments()[n] for n in ("endpoint_subnet", "container_registry"))
    places = [registry.resource_group_name, created.location, registry.virtual_network.name]
    assert [*places, subnet.name, subnet.address_prefix, created.name] == [*values.values()]
    assert created.admin_enabled
    assert loaded.variables == sorted(variables)


@pytest.mark.parametrize(
    ("line", "text", "remedy"),
    [
        (10, "      name: my-acr", "name is 'my-acr': 5 to 50 letters and digits, no others"),
        (10, "      name: 12345", "name is 12345: text is expected, in quotes if it looks like"),
        (10, "      name: [acr]", "name is ['acr']: text is expected"),
        (10, "      name:", "name is missing: the registry, unique in all of Azure, unless con"),
        (8, "      address_prefix:", "endpoint_subnet.address_prefix is missing: its IPv4 prefix"),
        (8, "      address_prefix: 10.0.8.0", "is '10.0.8.0': an IPv4 prefix in CIDR form"),
        (8, "      address_prefix: 10.0.8.5/23", "has host bits set; the prefix around it is 10.0"),
        (8, "      address_prefix: 10.0.8.0/30", "'10.0.8.0/30': too small: the endpoint takes 2"),
        (6, "      name: ''", f"virtual_network.name is '': 2 to 64 {NETWORK_NAME}"),
        (6, "      name: vnet-", f"virtual_network.name is 'vnet-': 2 to 64 {NETWORK_NAME}"),
        (3, "    resource_group_name: rg.", "is 'rg.': 1 to 90 letters (without acc"),
        (4, "    location: east-us", "location is 'east-us': an Azure region such as eastus"),
        (4, "    location: eastus\n    subscription_id: mine", "is 'mine': a GUID such as 0000"),
        (4, "    location: eastus\n    deletion_protection: maybe", "true or false is expected"),
        (4, "    location: eastus\n    tags: [a]", "tags is ['a']: a mapping of keys"),
        (4, "    location: eastus\n    tags: {a: 1}", "tags.a is 1: text is expected"),
        (4, "    location: eastus\n    tags:\n      a/b: x", "tags.a/b is 'a/b': 1 to 512 char"),
        (3, "    tags:\n      Team: x\n      team: y", "tags.team is 'y': Azure takes it for Team"),
        (
            4,
            "    location: eastus\n    loction: x",
            "loction is 'x': an unknown key; did you mean l",
        ),
        (4, "    location: eastus\n    zzz: x", "an unknown key; known here are resource_group_na"),
        (4, "    location: eastus\n    location: westus", "'westus': given twice, first on line 4"),
        (4, "    resource_group_name: rg2", "given twice, first on line 3; keep one"),
        (4, "    location: ${REGION}", "is '${REGION}': REGION is not set: export it, or give a d"),
        (4, "    location: ${REGION:?which one}", "REGION: which one (it is not set)"),
        (4, "    location: ${REGION", r"missing '}'; for a plain dollar sign write \$"),
        (4, "    location: $$", "'$$' has no meaning here"),
        (4, "    location: !region eastus", "is 'eastus': it is not of the type !region"),
        (4, "    location: !!int eastus", "is 'eastus': it is not of the type !!int"),
        (4, "    location: !!bool eastus", "is 'eastus': it is not of the type !!bool"),
        (4, "    location: [&a a, {b: *a}, *a]", "is ['a', {'b': 'a'}, 'a']: text is expected"),
        (2, "  a/b:", "registries.a/b is 'a/b': a stack's name, which names a folder too"),
        (2, "  ..:", "registries... is '..': a stack's name"),
        (5, "    virtual_network: vnet\n    x:", "virtual_network is 'vnet': a mapping of keys"),
    ],
)
def test_a_problem_has_the_line_the_value_and_the_expected_value(
    tmp_path: Path, line: int, text: str, remedy: str
) -> None:
    """The line is that of the wrong key, and not that of the section around it."""
    wrong = line + text.count("\n") * (not text.endswith("x:"))
    found = problems(tmp_path, with_line(line, text))
    assert any(problem.line == wrong and remedy in problem.text for problem in found), found


@pytest.mark.parametrize(
    ("value", "variables", "words"),
    [
        ("${ACR_NAME:-acr1}", {"ACR_NAME": "my-acr"}, "name is 'my-acr' (from ACR_NAME): 5 to 50"),
        ("${ACR_NAME}", {"ACR_NAME": ""}, "is '' (from ACR_NAME, which is empty): 5 to 50"),
        ("${ACR_NAME:?name it}", {"ACR_NAME": ""}, "ACR_NAME: name it (it is set, but empty)"),
        ("${ACR_NAME}", {}, "ACR_NAME is not set"),
        ("${ACR_NAME}", {"EXPANDVARS_RECOVER_NULL": "acr12345"}, "ACR_NAME is not set"),
        ("\\${var.name}", {}, "is '${var.name}': 5 to 50 letters and digits"),
    ],
)
def test_a_wrong_value_of_a_variable_is_one_problem(
    tmp_path: Path, value: str, variables: dict[str, str], words: str
) -> None:
    """The variable is named, as nobody has to wonder where its value has gone."""
    (problem,) = problems(tmp_path, with_line(10, f"      name: {value}"), **variables)
    assert problem.line == 10
    assert words in problem.text


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("  cache_rules: [{source: quay.io/a, target: Nginx}]", "target is 'Nginx': a repository"),
        ("private_endpoint: {private_ip_addresses: {registry: 10.0.8.1, eastus: 10.0.8.9}}", FOUR),
        ("private_endpoint: {private_ip_addresses: {registry: 10.9.8.9, eastus: 10.0.8.9}}", LIES),
    ],
)
def test_a_wrong_value_is_one_problem(tmp_path: Path, key: str, words: str) -> None:
    """What follows from it, as the name of a cache rule from its target, is not missed."""
    (problem,) = problems(tmp_path, f"{GOOD}    {key}\n")
    assert words in problem.text


def test_all_problems_are_reported_in_the_order_of_lines(tmp_path: Path) -> None:
    """Problems of every kind are reported together.

    A registry's clashes are reported beside its wrong values, but for those of the wrong values.
    """
    other = GOOD.removeprefix("registries:\n").replace("  acr:", "  ACR:").replace("rg", "RG")
    other = other.replace("acr12345", "my-acr").replace("    location: eastus\n", "")
    wrong = "  wrong:\n    location: ${REGION}\n    location: x\n"
    found = problems(tmp_path, f"{GOOD}{other}{wrong}extra: 1\n")
    expected = [
        (11, "registries.ACR.location is missing"),
        (
            11,
            "registries.ACR is 'ACR': a stack's name is a folder's, unique in upper or lower case",
        ),
        (11, "registries.ACR.private_endpoint.name is "),
        (12, "registries.ACR.resource_group_name is 'RG': "),
        (14, "registries.ACR.virtual_network.name is 'vnet': "),
        (15, "registries.ACR.endpoint_subnet.name is "),
        (16, "registries.ACR.endpoint_subnet.address_prefix is '10.0.8.0/23': it overlaps"),
        (18, "registries.ACR.container_registry.name is 'my-acr': 5 to 50"),
        (19, "registries.wrong.resource_group_name is missing"),
        (19, "registries.wrong.virtual_network is missing"),
        (19, "registries.wrong.endpoint_subnet is missing"),
        (19, "registries.wrong.container_registry is missing"),
        (20, "registries.wrong.location is '${REGION}': REGION is not set"),
        (21, "registries.wrong.location is 'x': given twice"),
        (22, "extra is 1: an unknown key"),
    ]
    for problem, (line, text) in zip(found, expected, strict=True):
        assert (problem.line, problem.text[: len(text)]) == (line, text)
    assert "and another has it already (registries.acr.resource_group_name" in found[3].text


def test_a_wrong_value_hides_no_rule_over_others(tmp_path: Path) -> None:
    """Whatever the wrong value would be if it was right, these are wrong."""
    rules = """      georeplications: [{location: westus}, {location: West US}]
      cache_rules:
      - {source: docker.io/library/nginx, target: nginx}
      - {source: quay.io/a/*, target: a/*}
      - {source: quay.io/b/*, target: a/*, name: b}
    private_endpoint: {private_ip_addresses: {registry: 10.0.8.4, westus: 10.0.8.4}}
"""
    text = GOOD.replace("eastus", "west-europe").replace("/23", "/29") + rules
    expected = [
        (4, "location is 'west-europe': an Azure region"),
        (8, "endpoint_subnet.address_prefix is '10.0.8.0/29': too small: the endpoint takes 4"),
        (11, "georeplications is 'westus': the registry is in that region already"),
        (13, "cache_rules.0.credential_set is missing: Azure caches from Docker Hub only"),
        (15, "cache_rules.2.name is 'b': 5 to 49"),
        (15, "cache_rules.2.target is 'a/*': "),
        (15, "cache_rules.2.target is 'a/*': "),
        (16, "private_ip_addresses.westus is '10.0.8.4': each member needs an address of its own"),
    ]
    for problem, (line, words) in zip(problems(tmp_path, text), expected, strict=True):
        assert (problem.line, words in problem.text) == (line, True), problem


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("    virtual_network:\n      name: vnet\n", "    virtual_network: vnet\n"),
        ("      name: vnet\n", "      name: '?'\n"),
        ("    endpoint_subnet:\n      address_prefix: 10.0.8.0/23\n", "    endpoint_subnet:\n"),
        ("    resource_group_name: rg\n", "    resource_group_name: [rg]\n"),
        ("    location: eastus\n", "    location: eastus\n    environment: mars\n"),
        ("    location: eastus\n", "    location: eastus\n    subscription_id: x\n"),
        ("    location: eastus\n", "    location: eastus\n    adopt: [all, private_endpoint]\n"),
        ("    location: eastus\n", "    location: eastus\n    private_dns_zone: {id: hub}\n"),
        ("    location: eastus\n", "    location: eastus\n    tags: {a: 1, b/: c}\n"),
        ("    location: eastus\n", "    location: eastus\n    private_endpoint: acr\n"),
        ("    location: eastus\n", "    location: eastus\n    unknown: acr\n"),
    ],
)
def test_what_is_wrong_causes_no_further_problem(tmp_path: Path, wrong: str, right: str) -> None:
    """A rule does not hold for a value that is wrong by itself; it holds for all others."""
    rule = "      cache_rules: [{source: docker.io/library/nginx, target: nginx}]\n"
    alone = [each.text for each in problems(tmp_path, GOOD.replace(wrong, right))]
    both = [each.text for each in problems(tmp_path, GOOD.replace(wrong, right) + rule)]
    assert len(both) == len(alone) + 1
    assert [text for text in both if "Docker Hub" not in text] == alone
    without_duplicates = {text.partition(" is ")[0] for text in alone}
    assert len(without_duplicates) == len(alone)


def test_a_wrong_key_of_a_backend_hides_no_second_backend(tmp_path: Path) -> None:
    """One is expected, whatever is wrong in them."""
    text = "backend:\n  cloud: {organization: '?'}\n  local: {path: /x}\n"
    found = [each.text for each in problems(tmp_path, text + GOOD)]
    assert any("one backend is expected, not local and cloud" in each for each in found)
    assert len(found) == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("    adopt: true", "subscription_id is missing: the ids of what is adopted begin"),
        (
            "      id: ${ID}\n    deletion_protection: true",
            f"deletion_protection is true: {NO_NEW}",
        ),
        ("      id: ${ID}", f"location is 'eastus': {NO_NEW}"),
        ("      id: ${ID}\n      name: acr12345", f"name is 'acr12345': {NO_NEW}"),
        (
            "      admin_enabled: true\n      lock: ReadOnly",
            "lock is 'ReadOnly': with the admin us",
        ),
        ("      georeplications: [{location: East US}]", "(registries.acr.location is on line 4)"),
        (
            "    private_dns_zone: {managed_by_policy: true, id: '${ZONE}'}",
            "managed_by_policy is true: it has no meaning beside private_dns_zone.id; give one",
        ),
        (
            "    environment: usgovernment\n    private_dns_zone: {id: '${ZONE}'}",
            "Azure resolves registries in a zone privatelink.azurecr.us, and in no other",
        ),
        (
            "    virtual_network_links: {acrdnslink: {virtual_network_id: '${NETWORK}'}}",
            "virtual_network_links.acrdnslink is 'acrdnslink': the link to the cluster's own netw",
        ),
    ],
)
def test_invalid_combinations_of_keys_are_reported(tmp_path: Path, text: str, problem: str) -> None:
    """The problem names the keys of the combination, and the value of the wrong one."""
    variables = {
        "ID": REGISTRY_ID,
        "NETWORK": f"{GROUP}/Microsoft.Network/virtualNetworks/hub",
        "ZONE": f"{GROUP}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io",
    }
    good = GOOD.replace("      name: acr12345\n", "") if "${ID}" in text else GOOD
    found = [each.text for each in problems(tmp_path, f"{good}{text}\n", **variables)]
    assert any(problem in each for each in found), found


def test_template_marks_in_texts_are_texts(tmp_path: Path) -> None:
    """The stack escapes them."""
    text = (
        GOOD.replace("    location: eastus\n", "").replace("name: acr12345", "id: ${ID}")
        + "    private_endpoint: {request_message: 'for \\${us} %{ x }'}\n"
        + "    tags: {a: '\\${b}'}\n"
    )
    registry = read(tmp_path, text, ID=REGISTRY_ID).settings.registries["acr"]
    assert registry.private_endpoint.request_message == "for ${us} %{ x }"
    assert registry.tags == {"a": "${b}"}


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("", "registries.yaml: is empty"),
        ("\n  # nothing\n", "registries.yaml: the file is empty: a mapping"),
        ("registries:", ":1: registries is empty: a mapping"),
        ("registries: {}", ":1: registries is {}: at least one is expected"),
        ("[a]", "the file is ['a']: a mapping"),
        ("registry: {}", "registries is missing: a mapping from each stack's name"),
        ("a: b: c", ":1: is not YAML: mapping values are not allowed here (column 5)"),
        ("registries:\n\tacr:", ":2: is not YAML: a tab stands here, and YAML takes spaces only"),
        ("a: 1\n---\nb: 2", ":2: is not YAML: expected a single document"),
        ("a: |\n \n  b\n", ":3: is not YAML: more indented follow up line than first in a block"),
        (
            'a:\n  b: "c\n  d: e\n',
            ":2: is not YAML: a quote opens here and never closes (column 6)",
        ),
        (
            'a:\n  b: "c\n  d: "e"\n',
            ":2: is not YAML: a quote opens here and closes only on line 3",
        ),
        ('a: "b\nc:\n  d: ""\n', ":1: is not YAML: a quote opens here and closes only on line 3"),
        ("a: 'b\nc: {d: 'e'}\n", ":1: is not YAML: a quote opens here and closes only on line 2"),
        ("a: 1\nb: 'don't'\n", ":2: is not YAML: a quote opens here and closes before its text e"),
        ("a: 'don't'\n", "write '' for a quote inside it"),
        ('a: "b\n', r"write \" for a quote inside it"),
        (
            'a: "b\n  c"\nd: e: f\n',
            ":3: is not YAML: mapping values are not allowed here (column 5)",
        ),
        ("a: {b: ${C}}\n", "put a variable between braces or brackets into quotes (column 9)"),
        ('a: ["b" "c"]\n', ":1: is not YAML: while parsing a flow sequence, expected ',' or ']'"),
        ('a: "b\\$c"\n', r"in double quotes write \\ for \, or use single quotes"),
        ("a:\n  b: \x07", ":2: is not YAML: unacceptable character U+0007; take it out"),
        ("%YAML 1.3\n---\na: b\n", ":1: %YAML 1.3 is a version of YAML that is not known here"),
        ("a:\n%YAML 1.3\nb: c\n", ":2: %YAML 1.3 is a version of YAML that is not known here"),
        ("a: " + "[" * 5000, "is nested more deeply than settings are"),
    ],
)
def test_a_wrong_file_is_reported(tmp_path: Path, text: str, remedy: str) -> None:
    """The error for a wrong file has the line, and for wrong YAML also the column."""
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)
    assert remedy in str(caught.value)


def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    """A missing file, a folder and the like are reported with their path."""
    for file, remedy in (
        (tmp_path / "no", "no such file: run from the project's folder, or name a file in REG"),
        (tmp_path, "is a folder: name a file in REGISTRIES_FILE"),
        (Path("/proc/self/mem"), "can't be read: Input/output error"),
    ):
        with pytest.raises(SettingsError) as caught:
            load(str(file), {})
        assert str(caught.value).startswith(f"{file}: {remedy}")


@pytest.mark.parametrize(
    ("value", "environ", "expected"),
    [
        ("${A:-eastus}", {}, "eastus"),
        ("${A:-eastus}", {"A": ""}, "eastus"),
        ("${A:-eastus}", {"A": "westus"}, "westus"),
        ("$A", {"A": "westus"}, "westus"),
        ("'${A} 2'", {"A": "westus"}, "westus 2"),
        ("${A:-${B:-eastus}}", {}, "eastus"),
        ("${A:?needed}", {"A": "westus", "EXPANDVARS_RECOVER_NULL": "x"}, "westus"),
    ],
)
def test_variables_are_expanded_as_in_a_shell(
    tmp_path: Path, value: str, environ: dict[str, str], expected: str
) -> None:
    """Variables are also expanded in quotes and in the defaults of other variables."""
    loaded = read(tmp_path, with_line(4, f"    location: {value}"), **environ)
    assert loaded.settings.registries["acr"].location == expected
    used = {"westus": ["A"], "": ["A (empty)"]}
    assert loaded.variables == (used[environ["A"]] if environ else [])


@pytest.mark.parametrize(
    ("value", "hint"),
    [("cost$center", True), ("'cost$center'", True), ("${center}", False), ("${center:?}", False)],
)
def test_a_dollar_sign_that_may_be_meant_as_one_gets_a_hint(
    tmp_path: Path, value: str, hint: bool
) -> None:
    """A variable without braces may be none: the problem says how to write a dollar sign."""
    (problem,) = problems(
        tmp_path, with_line(4, f"    location: eastus\n    tags:\n      a: {value}")
    )
    assert "center" in problem.text
    remedy = r"for a plain dollar sign write \$, and \\$ in double quotes"
    assert (remedy in problem.text) == hint


def test_an_escaped_dollar_sign_stays_one_and_no_key_is_expanded(tmp_path: Path) -> None:
    """Texts in double quotes have the backslash twice."""
    loaded = read(tmp_path, f'{GOOD}    tags: {{$A: \\$A, b: "\\\\$A"}}\n', A="x")
    assert loaded.settings.registries["acr"].tags == {"$A": "$A", "b": "$A"}


def test_keys_that_begin_with_x_hold_anchors(tmp_path: Path) -> None:
    """What they hold is not checked by itself, and has its own lines where it is used."""
    shared = "x-shared: &shared\n  location: eastus\n  virtual_network: {name: '${VNET}'}\nx-b: 1\n"
    lines = GOOD.splitlines()
    text = "\n".join([*lines[:2], "    <<: *shared", lines[2], *lines[6:], ""])
    registry = read(tmp_path, shared + text, VNET="vnet").settings.registries["acr"]
    assert (registry.location, registry.virtual_network.name) == ("eastus", "vnet")
    (problem,) = problems(tmp_path, shared + text, VNET="v")
    assert problem.line == 3
    assert problem.text.startswith("registries.acr.virtual_network.name is 'v' (from VNET): ")
    (problem,) = problems(tmp_path, shared.replace("eastus", "'?'") + text, VNET="vnet")
    assert problem.line == 2
    assert len(problems(tmp_path, f"{GOOD}X-b: 1\ny-c: 2\n")) == 2
    assert read(tmp_path, f"{GOOD}x-unused: ${{VNET}}\n").variables == []


def test_a_variable_may_hold_true_or_false(tmp_path: Path) -> None:
    """A setting that is true or false accepts the text of a variable."""
    text = f"{GOOD}      admin_enabled: ${{ADMIN}}\n"
    registry = read(tmp_path, text, ADMIN="true").settings.registries["acr"]
    assert registry.arguments()["container_registry"].admin_enabled is True


def test_the_environment_is_not_changed(tmp_path: Path) -> None:
    """``${A:=x}`` does not set the variable, as it would in a shell."""
    file = tmp_path / "registries.yaml"
    file.write_text(with_line(4, "    location: ${A:=eastus}"))
    environ: dict[str, str] = {}
    load(str(file), environ)
    assert environ == {}


def test_a_list_gives_the_line_of_each_item(tmp_path: Path) -> None:
    """Also where the list is merged in, and of an item that is itself a section."""
    shared = "x-shared: &shared\n  adopt:\n  - private_endpoint\n  - endpoint\n"
    text = GOOD.replace("  acr:\n", "  acr:\n    <<: *shared\n    subscription_id: x\n")
    found = problems(tmp_path, shared + text)
    assert [(each.line, each.text.partition(" is ")[0]) for each in found] == [
        (4, "registries.acr.adopt.1"),
        (8, "registries.acr.subscription_id"),
    ]


def test_the_first_of_keys_that_are_given_twice_is_checked(tmp_path: Path) -> None:
    """A key of the section itself takes precedence over one that is merged in."""
    shared = "x-shared: &shared\n  location: ${UNSET}\n  tags: {a: '?'}\n  tags: {b: '${UNSET}'}\n"
    text = GOOD.replace("    location: eastus\n", "    <<: *shared\n    location: eastus\n")
    (problem,) = problems(tmp_path, shared + text)
    assert (problem.line, problem.text) == (
        4,
        "x-shared.tags is a section: given twice, first on line 3; keep one",
    )


@given(st.text(st.sampled_from("ab:{}[]&*!|>'\"%@`#,?- \n\t$~<\\0é"), max_size=40))
def test_every_wrong_text_raises_a_settings_error(text: str) -> None:
    """The reader reports the problems of any text, and never fails with another error."""
    with tempfile.TemporaryDirectory() as folder:
        assert problems(Path(folder), text)
