"""A picture of a stack as people know it: its synthesized JSON in, Mermaid out.

It reads names, prefixes, regions and addresses of resources of known types and nothing else: no
secret gets into the picture. A resource that exists already is drawn with the last part of its id.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from .azure import regions
from .privacy import attributes
from .privacy.attributes import as_list, blocks
from .privacy.names import in_azurerm_4
from .stack_json import Json, StackJson

_KINDS = {  # the words before a node's name, and the node's shape
    "cluster": ("", '(["%s"])'),
    "endpoint": ("private endpoint ", '["%s"]'),
    "internet": ("", '(["%s"])'),
    "network": ("VNet ", '["%s"]'),
    "records": ("records of ", '["%s"]'),
    "registry": ("registry ", '[("%s")]'),
    "subnet": ("subnet ", '["%s"]'),
    "zone": ("private DNS zone ", '["%s"]'),
}


class _Resource(NamedTuple):
    """A resource as Azure knows it."""

    name: str
    resource_group_name: str = ""


class _DrawnStack:
    """A stack's JSON, with its references followed."""

    def __init__(self, stack: Json) -> None:
        self._json = StackJson(stack)
        self._blocks = [block for _, block in self._json.blocks()]

    def created(self, type: str) -> list[Json]:
        """The attributes of each resource of a type that the stack creates."""
        return [
            in_azurerm_4(type, block.attributes) for block in self._blocks if block.type == type
        ]

    def referenced(self, value: object) -> Json:
        """The attributes of the resource that a value refers to; none, if it is not a reference."""
        address = self._json.referenced(value)
        found: Json = self._json.followed(self._json.resources[address]) if address else {}
        return found

    def text(self, value: object) -> str:
        """A value as text; an expression that can't be followed stays as it is."""
        text = self._json.followed(value)
        return text.replace("%%{", "%{") if isinstance(text, str) else ""  # escape() does "$${"

    def resource(self, value: object, beside: Json | None = None, segment: str = "") -> _Resource:
        """The resource that a value stands for: a reference, an id, or a name.

        Args:
            value: the value.
            beside: the attributes of a resource in the same resource group, if it is a name.
            segment: which segment of an id names the resource; the last one by default.
        """
        if attributes := self.referenced(value):
            return self.resource(attributes.get("name"), attributes)
        text = self.text(value)
        if not text.startswith("/"):
            return _Resource(text, self.text((beside or {}).get("resource_group_name")))
        parts = text.strip("/").split("/")
        after = {key.casefold(): name for key, name in pairwise(parts)}
        return _Resource(after.get(segment, parts[-1]), after.get("resourcegroups", ""))


class _Picture:
    """Nodes, each in another or in none, and arrows between them."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, ...], str] = {}
        self._nodes: dict[str, tuple[str, str]] = {}
        self._arrows: dict[str, None] = {}

    def node(self, kind: str, resource: _Resource, *more: str, within: str = "") -> str:
        """Draw a resource that has a name, once, with more lines; return the node's id."""
        key = (kind, within, *(part.casefold() for part in resource))  # as Azure compares names
        if resource.name and key not in self._ids:
            self._ids[key] = f"{kind}{sum(other[0] == kind for other in self._ids) + 1}"
            label = filter(None, [_KINDS[kind][0] + resource.name, *more])
            self._nodes[self._ids[key]] = within, "<br/>".join(map(escape, label))
        return self._ids.get(key, "")

    def arrow(self, start: str, style: str, label: str, end: str) -> None:
        """Draw an arrow, if both its ends are there."""
        if start and end:
            self._arrows[f'{start} {style}|"{escape(label)}"| {end}'] = None

    def lines(self, within: str = "") -> Iterator[str]:
        """The nodes inside a node; a node that has nodes itself is a frame around them."""
        for id, (around, label) in self._nodes.items():
            if around == within:
                shape = _KINDS[id.rstrip("0123456789")][1]
                inside = [f"  {line}" for line in self.lines(id)]
                title = label.replace("<br/>", ", ")  # Mermaid draws a second line below a node
                frame = [f'subgraph {id}["{title}"]', *inside, "end"]
                yield from frame if inside else [id + shape % label]

    def __str__(self) -> str:
        return "\n  ".join(["flowchart LR", *self.lines(), *self._arrows])


def escape(text: str) -> str:
    """A text for a quoted label of Mermaid: characters that mean something there are encoded.

    Encoding does not help against two dollar signs: Mermaid decodes first, then finds a formula.
    """
    line = re.sub(r"\$+", "$", " ".join(text.split()))
    return re.sub(r"[^\w .,:/-]|_", lambda found: f"#{ord(found[0])};", line)


def diagram(stack: Json, outputs: Json | None = None) -> str:
    """Draw a stack's JSON, with the addresses in what ``terraform output -json`` gave, if any."""
    read, picture = _DrawnStack(stack), _Picture()
    for registry in read.created(attributes.REGISTRY):
        about = [read.text(registry.get("sku")), *_regions(registry, read)]
        node = picture.node(
            "registry", read.resource(registry.get("name"), registry), ", ".join(about)
        )
        blocked = registry.get("public_network_access_enabled") is False
        internet = picture.node("internet", _Resource("public internet"))
        picture.arrow(internet, "--x" if blocked else "-->", "blocked" if blocked else "open", node)
    endpoints = read.created(attributes.ENDPOINT)
    for endpoint in endpoints:
        _draw(endpoint, _addresses(outputs or {}) if len(endpoints) == 1 else {}, read, picture)
    for link in read.created(attributes.LINK):
        network = picture.node("network", read.resource(link.get("virtual_network_id")))
        zone = picture.node("zone", read.resource(link.get("private_dns_zone_name"), link))
        picture.arrow(network, "-.->", f"link {read.text(link.get('name'))}", zone)
    return str(picture)


def _draw(endpoint: Json, addresses: dict[str, str], read: _DrawnStack, picture: _Picture) -> None:
    """Draw a private endpoint with its network, its registry and its zones."""
    new_subnet = read.referenced(subnet_id := endpoint.get("subnet_id"))
    connection = next(iter(blocks(endpoint, "private_service_connection")), {})
    registry_id = connection.get("private_connection_resource_id")
    name = read.resource(registry_id).name
    addresses = {host: ip for host, ip in addresses.items() if _is_host_of(host, name)}
    addresses = addresses or _members(endpoint, _regions(read.referenced(registry_id), read), read)
    known = ", ".join(filter(None, addresses.values())) or "address known after deployment"
    resource = read.resource(endpoint.get("name"), endpoint)

    around = read.resource(
        new_subnet.get("virtual_network_name", subnet_id), new_subnet, "virtualnetworks"
    )
    network = picture.node("network", around)
    prefixes = ", ".join(map(read.text, as_list(new_subnet.get("address_prefixes"))))
    subnet = picture.node("subnet", read.resource(subnet_id), prefixes, within=network)
    node = picture.node("endpoint", resource, known, within=subnet)
    cluster = picture.node("cluster", _Resource("private ARO cluster"), within=network)
    registry = picture.node("registry", read.resource(registry_id))
    picture.arrow(cluster, "-->", "pulls images", node)
    picture.arrow(node, "-->", f"connection {read.text(connection.get('name'))}", registry)

    for group in blocks(endpoint, "private_dns_zone_group"):
        for zone in map(read.resource, as_list(group.get("private_dns_zone_ids"))):
            frame = picture.node("zone", zone)
            suffix = zone.name.removeprefix("privatelink")
            named = {name.removesuffix(suffix): ip for name, ip in addresses.items()}
            records = [f"{name}: {ip}" if ip else name for name, ip in named.items()]
            picture.node("records", resource, *records, within=frame)
            picture.arrow(node, "-.->", f"zone group {read.text(group.get('name'))}", frame)


def _regions(registry: Json, read: _DrawnStack) -> list[str]:
    """The registry's region, and those of its replicas."""
    places = [registry, *blocks(registry, "georeplications")]
    return [read.text(place["location"]) for place in places if "location" in place]


def _members(endpoint: Json, locations: list[str], read: _DrawnStack) -> dict[str, str]:
    """The static address of each member of the endpoint; empty where Azure chooses one."""
    given = {
        read.text(ip.get("member_name")): read.text(ip.get("private_ip_address"))
        for ip in blocks(endpoint, "ip_configuration")
    }
    data_endpoints = [regions.data_endpoint_member(regions.region(region)) for region in locations]
    members = {**dict.fromkeys([regions.REGISTRY_MEMBER, *data_endpoints], ""), **given}
    prefix = regions.data_endpoint_member("")
    return {member.replace(prefix, "data endpoint in "): ip for member, ip in members.items()}


def _is_host_of(host: str, registry: str) -> bool:
    """Whether a host name is a registry's: the state may still be that of an earlier name.

    With a domain name label, a hash follows the name. A name that only Terraform knows may be any.
    """
    return "${" in registry or host.partition(".")[0].partition("-")[0] == registry.casefold()


def _addresses(outputs: Json) -> dict[str, str]:
    """The address of each host name, out of the known outputs that are not sensitive."""
    values = {
        name: output.get("value")
        for name, output in outputs.items()
        if isinstance(output, Mapping) and not output.get("sensitive")
    }
    data = values.get("registry_data_endpoints")
    found = {values.get("registry_fqdn"): values.get("registry_private_ip")}
    found |= data if isinstance(data, Mapping) else {}
    return {n: ip for n, ip in found.items() if isinstance(n, str) and isinstance(ip, str)}


def main() -> None:
    """Draw a synthesized stack on standard output."""
    parser = argparse.ArgumentParser(
        prog="constructs_lib.diagram", description="Draw a synthesized stack on standard output."
    )
    parser.add_argument("stack", nargs="?", help="default: the only one")
    parser.add_argument(
        "--outputs",
        metavar="FILE",
        help="the output of terraform output -json; - is standard input",
    )
    asked = parser.parse_args()
    folder = Path(os.environ.get("CDKTF_OUTDIR") or "cdktf.out", "stacks")
    stacks = {file.parent.name: file for file in sorted(folder.glob("*/cdk.tf.json"))}
    if not stacks:
        sys.exit(f"no stack in {folder}: run make synth")
    if asked.stack not in stacks and (asked.stack or len(stacks) > 1):
        known = f"the stacks in {folder} are {', '.join(stacks)}"
        sys.exit(f"no stack {asked.stack}: {known}" if asked.stack else f"name a stack: {known}")
    file = stacks[asked.stack or next(iter(stacks))]
    print(diagram(_json(str(file)), _json(asked.outputs) if asked.outputs else {}))


def _json(file: str) -> Json:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        read = json.loads(text or "{}")  # Terraform writes nothing where it fails
    except (OSError, ValueError) as error:
        sys.exit(f"{file}: can't be read as JSON: {error}")
    return read if isinstance(read, Mapping) else sys.exit(f"{file}: a JSON object is expected")


if __name__ == "__main__":
    main()
