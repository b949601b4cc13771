"""The reader of the settings file: the settings that it loads, and the problems it reports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from helpers import GOOD, ROOT
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.settings import Registry, SettingsError, SettingsFile, load
from constructs_lib.settings.document import FileProblem

Load = Callable[..., SettingsFile]
NETWORK_NAME = (
    "letters, digits, '.', '_' and '-', beginning with a letter or digit "
    "and ending with a letter, digit or '_'"
)


@pytest.fixture
def read(tmp_path: Path) -> Load:
    """A function that loads settings from a text, with only the given environment variables."""

    def run(text: str, **environ: str) -> SettingsFile:
        file = tmp_path / "registries.yaml"
        file.write_text(text, encoding="utf-8")
        return load(str(file), environ)

    return run


def problems(read: Load, text: str, **environ: str) -> list[FileProblem]:
    """The problems that the reader reports for a text."""
    with pytest.raises(SettingsError) as caught:
        read(text, **environ)
    return caught.value.problems


def with_line(number: int, line: str) -> str:
    """The good file with one line replaced."""
    lines = GOOD.splitlines()
    lines[number - 1] = line
    return "\n".join(lines)


def test_a_minimal_file_is_read(read: Load) -> None:
    """The required keys are enough, and the file uses no variable."""
    loaded = read(GOOD, LOCATION="westus")
    arguments = loaded.settings.registries["acr"].arguments()
    assert arguments["container_registry"].name == "acr12345"
    assert loaded.variables == []


def values(registry: Registry) -> list[str]:
    """The values that the guide's variables set, in the order of the variables."""
    arguments = registry.arguments()
    subnet, created = arguments["endpoint_subnet"], arguments["container_registry"]
    return [
        registry.resource_group_name,
        created.location,
        registry.virtual_network.name,
        subnet.name,
        subnet.address_prefix,
        created.name,
    ]


def test_the_shipped_file_holds_the_guides_values() -> None:
    """The file also takes the guide's variables when they are set, and turns the admin user on."""
    guide = load(str(ROOT / "registries.yaml"), {}).settings.registries["aro-private-acr"]
    variables = {
        "AZR_RESOURCE_GROUP": "group",
        "AZR_RESOURCE_LOCATION": "westus",
        "ARO_VNET_NAME": "network",
        "PRIVATEENDPOINTSUBNET_NAME": "subnet",
        "PRIVATEENDPOINTSUBNET_PREFIX": "10.1.0.0/24",
        "ACR_NAME": "myregistry",
    }
    loaded = load(str(ROOT / "registries.yaml"), variables)
    (by_variables,) = loaded.settings.registries.values()
    assert values(guide) == [
        "aro-mobb-rg",
        "eastus",
        "aro-rcarrata-vnet",
        "PrivateEndpoint-subnet",
        "10.0.8.0/23",
        "acr12345",
    ]
    assert values(by_variables) == list(variables.values())
    assert guide.arguments()["container_registry"].admin_enabled
    assert loaded.variables == sorted(variables)


@pytest.mark.parametrize(
    ("line", "text", "remedy"),
    [
        (10, "      name: my-acr", "name is 'my-acr': 5 to 50 letters and digits, no others"),
        (10, "      name: 12345", "name is 12345: text is expected, in quotes if it looks like"),
        (10, "      name: [acr]", "name is ['acr']: text is expected"),
        (10, "      name:", "name is missing: the registry, unique in all of Azure, unless con"),
        (8, "      address_prefix: 10.0.8.0", "is '10.0.8.0': an IPv4 prefix in CIDR form"),
        (8, "      address_prefix: 10.0.8.5/23", "has host bits set; the prefix around it is 10.0"),
        (
            8,
            "      address_prefix: 10.0.8.0/30",
            "is '10.0.8.0/30': too small: the endpoint takes 2",
        ),
        (6, "      name: ''", f"virtual_network.name is '': 2 to 64 {NETWORK_NAME}"),
        (6, "      name: vnet-", f"virtual_network.name is 'vnet-': 2 to 64 {NETWORK_NAME}"),
        (3, "    resource_group_name: rg.", "is 'rg.': 1 to 90 letters (without acc"),
        (4, "    location: east-us", "location is 'east-us': an Azure region such as eastus"),
        (4, "    location: eastus\n    subscription_id: mine", "is 'mine': a GUID such as 0000"),
        (4, "    location: eastus\n    deletion_protection: maybe", "true or false is expected"),
        (4, "    location: eastus\n    tags: [a]", "tags is ['a']: a mapping of keys"),
        (4, "    location: eastus\n    tags: {a: 1}", "tags.a is 1: text is expected"),
        (4, "    location: eastus\n    tags:\n      a/b: x", "tags.a/b is 'a/b': 1 to 512 char"),
        (
            4,
            "    location: eastus\n    tags:\n      Team: x\n      team: y",
            "tags.team is 'y': Azure takes it for Team, in upper or lower case; keep one",
        ),
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
    read: Load, line: int, text: str, remedy: str
) -> None:
    """The line is that of the wrong key, and not that of the section around it."""
    wrong = line + text.count("\n") * (not text.endswith("x:"))
    found = problems(read, with_line(line, text))
    assert any(problem.line == wrong and remedy in problem.text for problem in found), found


def test_a_problem_names_the_variable_of_its_value(read: Load) -> None:
    """A wrong value of a variable is reported with the variable and the line that uses it."""
    (problem,) = problems(read, with_line(10, "      name: ${ACR_NAME:-acr1}"), ACR_NAME="my-acr")
    assert problem.line == 10
    assert problem.text.startswith("registries.acr.container_registry.name is 'my-acr' (from ACR_")


def test_an_empty_variable_is_said_to_be_empty(read: Load) -> None:
    """As in a shell, a default takes its place; nobody has to wonder where the value has gone."""
    for text, said in (
        ("${ACR_NAME}", "is '' (from ACR_NAME, which is empty): 5 to 50"),
        ("${ACR_NAME:?name it}", "ACR_NAME: name it (it is set, but empty)"),
    ):
        (problem,) = problems(read, with_line(10, f"      name: {text}"), ACR_NAME="")
        assert said in problem.text
    loaded = read(with_line(10, "      name: ${ACR_NAME:-acr12345}"), ACR_NAME="")
    assert loaded.variables == ["ACR_NAME (empty)"]


def test_all_problems_are_reported_in_the_order_of_lines(read: Load) -> None:
    """Problems of every kind are reported together.

    A registry's clashes are reported beside its wrong values, but for those of the wrong values.
    """
    other = GOOD.removeprefix("registries:\n").replace("  acr:", "  two:").replace("rg", "RG")
    third = other.replace("  two:", "  TWO:").replace("acr12345", "my-acr")
    third = third.replace("    location: eastus\n", "")
    wrong = "  wrong:\n    location: ${REGION}\n    location: x\n"
    found = problems(read, f"{GOOD}{other}{third}{wrong}extra: 1\n")
    assert [(problem.line, problem.text.partition(" is ")[0]) for problem in found] == [
        (11, "registries.two.private_endpoint.name"),
        (12, "registries.two.resource_group_name"),
        (15, "registries.two.virtual_network.name"),
        (16, "registries.two.endpoint_subnet.name"),
        (17, "registries.two.endpoint_subnet.address_prefix"),
        (19, "registries.two.container_registry.name"),
        (19, "registries.two.container_registry.name"),
        (20, "registries.TWO.location"),
        (20, "registries.TWO"),
        (20, "registries.TWO.private_endpoint.name"),
        (21, "registries.TWO.resource_group_name"),
        (23, "registries.TWO.virtual_network.name"),
        (24, "registries.TWO.endpoint_subnet.name"),
        (25, "registries.TWO.endpoint_subnet.address_prefix"),
        (25, "registries.TWO.endpoint_subnet.address_prefix"),
        (27, "registries.TWO.container_registry.name"),
        (28, "registries.wrong.resource_group_name"),
        (28, "registries.wrong.virtual_network"),
        (28, "registries.wrong.endpoint_subnet"),
        (28, "registries.wrong.container_registry"),
        (29, "registries.wrong.location"),
        (30, "registries.wrong.location"),
        (31, "extra"),
    ]
    texts = [problem.text for problem in found]
    assert all("another has it already" in text or "overlaps" in text for text in texts[:7])
    assert "(registries.acr.container_registry.name is on line 10)" in texts[5]
    for text, part in zip(
        [texts[7], *texts[15:]],
        ["missing", "5 to 50", *["missing"] * 4, "not set", "twice", "unknown"],
        strict=True,
    ):
        assert part in text


def test_a_wrong_value_hides_no_rule_over_others(read: Load) -> None:
    """Whatever the wrong value would be if it was right, these are wrong."""
    rules = """      georeplications: [{location: westus}, {location: West US}]
      cache_rules:
      - {source: docker.io/library/nginx, target: nginx}
      - {source: quay.io/a/*, target: a/*}
      - {source: quay.io/b/*, target: a/*, name: b}
    private_endpoint: {private_ip_addresses: {registry: 10.0.8.4, westus: 10.0.8.4}}
"""
    text = GOOD.replace("eastus", "west-europe").replace("/23", "/29") + rules
    found = {problem.line: problem.text for problem in problems(read, text)}
    expected = {
        4: "location is 'west-europe': an Azure region",
        8: "endpoint_subnet.address_prefix is '10.0.8.0/29': too small: the endpoint takes 4",
        11: "georeplications is 'westus': the registry is in that region already",
        13: "cache_rules.0.credential_set is missing: Azure caches from Docker Hub only",
        15: "cache_rules.2.target is 'a/*': ",
        16: "private_ip_addresses.westus is '10.0.8.4': each member needs an address of its own",
    }
    assert {line for line in expected if expected[line] in found[line]} == {*expected}
    assert {*found} == {*expected}


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
def test_what_is_wrong_causes_no_further_problem(read: Load, wrong: str, right: str) -> None:
    """A rule does not hold for a value that is wrong by itself; it holds for all others."""
    rule = "      cache_rules: [{source: docker.io/library/nginx, target: nginx}]\n"
    alone = [each.text for each in problems(read, GOOD.replace(wrong, right))]
    both = [each.text for each in problems(read, GOOD.replace(wrong, right) + rule)]
    assert len(both) == len(alone) + 1
    assert [text for text in both if "Docker Hub" not in text] == alone
    without_duplicates = {text.partition(" is ")[0] for text in alone}
    assert len(without_duplicates) == len(alone)


def test_a_wrong_key_of_a_backend_hides_no_second_backend(read: Load) -> None:
    """One is expected, whatever is wrong in them."""
    text = "backend:\n  cloud: {organization: '?'}\n  local: {path: /x}\n"
    found = [each.text for each in problems(read, text + GOOD)]
    assert any("one backend is expected, not local and cloud" in each for each in found)
    assert len(found) == 3


@pytest.mark.parametrize(
    ("line", "text", "problem"),
    [
        (
            2,
            "  acr:\n    adopt: true",
            "subscription_id is missing: the ids of what is adopted begin",
        ),
        (
            10,
            "      id: ${ID}\n    deletion_protection: true",
            "deletion_protection is true: it has no meaning beside container_registry.id; give one",
        ),
        (
            10,
            "      name: acr12345\n      admin_enabled: true\n      lock: ReadOnly",
            "acr.container_registry.lock is 'ReadOnly': with the admin user on, every later plan",
        ),
        (10, "      id: ${ID}\n", "location is 'eastus': it has no meaning beside container_regis"),
        (
            10,
            "      id: ${ID}\n      name: acr12345",
            "name is 'acr12345': it has no meaning beside container_registry.id; give one",
        ),
        (
            10,
            "      name: acr12345\n      georeplications: [{location: East US}]",
            "is 'eastus': the registry is in that region already (registries.acr.location is on l",
        ),
        (
            10,
            "      name: acr12345\n    private_dns_zone: {managed_by_policy: true, id: '${ZONE}'}",
            "managed_by_policy is true: it has no meaning beside private_dns_zone.id; give one",
        ),
        (
            10,
            "      name: acr12345\n    environment: usgovernment\n"
            "    private_dns_zone: {id: '${ZONE}'}",
            "Azure resolves registries in a zone privatelink.azurecr.us, and in no other",
        ),
        (
            10,
            "      name: acr12345\n    virtual_network_links:\n      acrdnslink:\n"
            "        virtual_network_id: ${NETWORK}",
            "virtual_network_links.acrdnslink is 'acrdnslink': the link to the cluster's own netw",
        ),
    ],
)
def test_invalid_combinations_of_keys_are_reported(
    read: Load, line: int, text: str, problem: str
) -> None:
    """The problem names the keys of the combination, and the value of the wrong one."""
    group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/hub/providers"
    variables = {
        "ID": f"{group}/Microsoft.ContainerRegistry/registries/acr12345",
        "NETWORK": f"{group}/Microsoft.Network/virtualNetworks/hub",
        "ZONE": f"{group}/Microsoft.Network/privateDnsZones/privatelink.azurecr.io",
    }
    found = [each.text for each in problems(read, with_line(line, text), **variables)]
    assert any(problem in each for each in found), found


def test_two_stacks_must_not_share_a_folder(read: Load) -> None:
    """Names that differ only in case are one folder on some systems, and are refused."""
    other = GOOD.removeprefix("registries:\n").replace("  acr:", "  ACR:").replace("12345", "x2345")
    other = other.replace(": rg", ": other").replace("name: vnet", "name: net2")
    (problem,) = problems(read, f"{GOOD}{other}")
    assert problem.line == 11
    assert "a stack's name is a folder's, unique in upper or lower case; rename one" in problem.text


def test_template_marks_in_texts_are_texts(read: Load) -> None:
    """The stack escapes them, and a template is refused in the place of a name."""
    text = (
        GOOD.replace("    location: eastus\n", "").replace("name: acr12345", "id: ${ID}")
        + "    private_endpoint: {request_message: 'for \\${us} %{ x }'}\n"
        + "    tags: {a: '\\${b}'}\n"
    )
    group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/hub/providers"
    loaded = read(text, ID=f"{group}/Microsoft.ContainerRegistry/registries/acr12345")
    registry = loaded.settings.registries["acr"]
    assert registry.private_endpoint.request_message == "for ${us} %{ x }"
    assert registry.tags == {"a": "${b}"}
    (problem,) = problems(read, with_line(10, "      name: \\${var.name}"))
    assert "5 to 50 letters and digits" in problem.text


def test_an_unset_variable_is_one_problem(read: Load) -> None:
    """The value of an unset variable is not checked as well, and no other variable replaces it."""
    text = with_line(10, "      name: ${ACR_NAME}")
    assert len(problems(read, text)) == 1
    assert len(problems(read, text, EXPANDVARS_RECOVER_NULL="acr12345")) == 1


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
        ("%YAML 1.3\n---\na: b\n", "is not YAML: version minor part can only be 2 or 1"),
        ("a: " + "[" * 5000, "is nested more deeply than settings are"),
    ],
)
def test_a_wrong_file_is_reported(read: Load, text: str, remedy: str) -> None:
    """The error for a wrong file has the line, and for wrong YAML also the column."""
    with pytest.raises(SettingsError) as caught:
        read(text)
    assert remedy in str(caught.value)


def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    """A missing file, a folder and a binary file are reported with their path."""
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff")
    for file, remedy in (
        (
            tmp_path / "missing",
            "no such file: run from the project's folder, or name a file in REG",
        ),
        (tmp_path, "is a folder: name a file in REGISTRIES_FILE"),
        (Path("/proc/self/mem"), "can't be read: Input/output error"),
        (binary, "can't be read as UTF-8: "),
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
    read: Load, value: str, environ: dict[str, str], expected: str
) -> None:
    """Variables are also expanded in quotes and in the defaults of other variables."""
    loaded = read(with_line(4, f"    location: {value}"), **environ)
    assert loaded.settings.registries["acr"].location == expected
    used = {"westus": ["A"], "": ["A (empty)"]}
    assert loaded.variables == (used[environ["A"]] if environ else [])


def test_variables_are_expanded_in_values_only(read: Load) -> None:
    """A key is not expanded, and an escaped dollar sign stays a dollar sign."""
    loaded = read(with_line(4, "    location: eastus\n    tags: {$A: \\$A}"), A="x")
    assert loaded.settings.registries["acr"].tags == {"$A": "$A"}


@pytest.mark.parametrize(
    ("value", "hint"),
    [("cost$center", True), ("'cost$center'", True), ("${center}", False), ("${center:?}", False)],
)
def test_a_dollar_sign_that_may_be_meant_as_one_gets_a_hint(
    read: Load, value: str, hint: bool
) -> None:
    """A variable without braces may be none: the problem says how to write a dollar sign."""
    (problem,) = problems(read, with_line(4, f"    location: eastus\n    tags:\n      a: {value}"))
    assert "center" in problem.text
    remedy = r"for a plain dollar sign write \$, and \\$ in double quotes"
    assert (remedy in problem.text) == hint
    loaded = read(with_line(4, '    location: eastus\n    tags: {a: \\$c, b: "\\\\$c"}'), c="x")
    assert loaded.settings.registries["acr"].tags == {"a": "$c", "b": "$c"}


def test_keys_that_begin_with_x_hold_anchors(read: Load) -> None:
    """What they hold is not checked by itself, and has its own lines where it is used."""
    shared = "x-shared: &shared\n  location: eastus\n  virtual_network: {name: '${VNET}'}\nx-b: 1\n"
    lines = GOOD.splitlines()
    text = "\n".join([*lines[:2], "    <<: *shared", lines[2], *lines[6:], ""])
    registry = read(shared + text, VNET="vnet").settings.registries["acr"]
    assert (registry.location, registry.virtual_network.name) == ("eastus", "vnet")
    (problem,) = problems(read, shared + text, VNET="v")
    assert problem.line == 3
    assert problem.text.startswith("registries.acr.virtual_network.name is 'v' (from VNET): ")
    (problem,) = problems(read, shared.replace("eastus", "'?'") + text, VNET="vnet")
    assert problem.line == 2
    assert len(problems(read, f"{GOOD}X-b: 1\ny-c: 2\n")) == 2
    assert read(f"{GOOD}x-unused: ${{VNET}}\n").variables == []


def test_a_variable_may_hold_true_or_false(read: Load) -> None:
    """A setting that is true or false accepts the text of a variable."""
    text = f"{GOOD}      admin_enabled: ${{ADMIN}}\n"
    registry = read(text, ADMIN="true").settings.registries["acr"]
    assert registry.arguments()["container_registry"].admin_enabled is True


def test_the_environment_is_not_changed(tmp_path: Path) -> None:
    """``${A:=x}`` does not set the variable, as it would in a shell."""
    file = tmp_path / "registries.yaml"
    file.write_text(with_line(4, "    location: ${A:=eastus}"))
    environ: dict[str, str] = {}
    load(str(file), environ)
    assert environ == {}


def test_yaml_anchors_and_merges_are_supported(read: Load) -> None:
    """A registry may merge the settings of another one, and its problems have their own lines."""
    other = """
  two:
    <<: *one
    resource_group_name: rg2
    virtual_network: {name: vnet2}
    container_registry: {name: my-acr}
"""
    (problem,) = problems(read, GOOD.replace("acr:", "acr: &one", 1).rstrip() + other)
    assert (problem.line, "'my-acr'" in problem.text) == (15, True)


def test_a_list_gives_the_line_of_each_item(read: Load) -> None:
    """Also where the list is merged in, and of an item that is itself a section."""
    shared = "x-shared: &shared\n  adopt:\n  - private_endpoint\n  - endpoint\n"
    text = GOOD.replace("  acr:\n", "  acr:\n    <<: *shared\n    subscription_id: x\n")
    found = problems(read, shared + text)
    assert [(each.line, each.text.partition(" is ")[0]) for each in found] == [
        (4, "registries.acr.adopt.1"),
        (8, "registries.acr.subscription_id"),
    ]


def test_the_first_of_keys_that_are_given_twice_is_checked(read: Load) -> None:
    """A key of the section itself takes precedence over one that is merged in."""
    shared = "x-shared: &shared\n  location: ${UNSET}\n  tags: {a: '?'}\n  tags: {b: '${UNSET}'}\n"
    text = GOOD.replace("    location: eastus\n", "    <<: *shared\n    location: eastus\n")
    (problem,) = problems(read, shared + text)
    assert (problem.line, problem.text) == (
        4,
        "x-shared.tags is a section: given twice, first on line 3; keep one",
    )


@given(st.text(st.sampled_from("ab:{}[]&*!|>'\"%@`#,?- \n\t$~<\\0é"), max_size=40))
def test_every_wrong_text_raises_a_settings_error(text: str) -> None:
    """The reader reports the problems of any text, and never fails with another error."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "registries.yaml")
        file.write_text(text, encoding="utf-8")
        with pytest.raises(SettingsError):
            load(str(file), {})


def test_a_wrong_target_of_a_cache_rule_is_one_problem(read: Load) -> None:
    """The rule's name is made of it, and is not missed meanwhile."""
    rule = "      cache_rules: [{source: quay.io/a, target: Nginx}]\n"
    (problem,) = problems(read, GOOD + rule)
    assert "cache_rules.0.target is 'Nginx': a repository" in problem.text


@pytest.mark.parametrize(
    ("address", "why"), [("10.0.8.1", "the first four addresses"), ("10.9.8.9", "it lies outside")]
)
def test_why_an_address_cannot_be_assigned_is_told(read: Load, address: str, why: str) -> None:
    """Azure reserves some of the subnet, and has no others."""
    addresses = f"registry: {address}, eastus: 10.0.8.9"
    endpoint = f"    private_endpoint: {{private_ip_addresses: {{{addresses}}}}}\n"
    (problem,) = problems(read, GOOD + endpoint)
    assert f"Azure cannot assign it in 10.0.8.0/23: {why}" in problem.text
