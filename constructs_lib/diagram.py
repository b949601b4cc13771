"""A picture of a stack as people know it: its synthesized JSON in, Mermaid out.

It reads names, prefixes, regions and addresses of resources of known types and nothing else, so no
secret gets into it. What a stack brings along is drawn with the last part of its id.
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
from typing import Any, NamedTuple

Json = Mapping[str, Any]

_REFERENCE = re.compile(r"\$\{(?:data\.)?(azurerm_\w+)\.([\w-]+)(?:\[\d+\])?\.(\w+)\}")
_KINDS = {  # what a node is called, before its name, and its shape
    "cluster": ("", '(["%s"])'),
    "endpoint": ("private endpoint ", '["%s"]'),
    "internet": ("", '(["%s"])'),
    "network": ("VNet ", '["%s"]'),
    "records": ("records of ", '["%s"]'),
    "registry": ("registry ", '[("%s")]'),
    "subnet": ("subnet ", '["%s"]'),
    "zone": ("private DNS zone ", '["%s"]'),
}


class _Thing(NamedTuple):
    name: str
    group: str = ""


class _Stack:
    """What a stack's JSON says, with its references followed."""

    def __init__(self, stack: Json) -> None:
        self._sections = [stack.get("resource", {}), stack.get("data", {})]

    def made(self, kind: str) -> list[Json]:
        """The attributes of all that the stack makes of a type."""
        return list(self._sections[0].get(f"azurerm_{kind}", {}).values())

    def referred(self, value: object) -> Json:
        """The attributes of what a value refers to; none when it is no plain reference."""
        found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        there = [section.get(found[1], {}).get(found[2]) for section in self._sections if found]
        return next(filter(None, there), {})

    def text(self, value: object) -> str:
        """A value as text; an expression that can't be followed stays as it is."""
        text = value if isinstance(value, str) else ""
        attribute = text.rpartition(".")[2].rstrip("}")
        if attribute in (attributes := self.referred(text)):
            return self.text(attributes[attribute])
        return text.replace("%%{", "%{")  # "$${" is seen to in escape()

    def thing(self, value: object, beside: Json | None = None, part: str = "") -> _Thing:
        """What a reference, an id, or a name in the resource group ``beside`` it stands for.

        With a ``part``, it is what that segment of the id names.
        """
        if attributes := self.referred(value):
            return self.thing(attributes.get("name"), attributes)
        text = self.text(value)
        if not text.startswith("/"):
            return _Thing(text, self.text((beside or {}).get("resource_group_name")))
        parts = text.strip("/").split("/")
        after = {key.casefold(): name for key, name in pairwise(parts)}
        return _Thing(after.get(part, parts[-1]), after.get("resourcegroups", ""))


class _Picture:
    """Nodes, each in another or in none, and arrows between them."""

    def __init__(self) -> None:
        self._ids: dict[tuple[str, ...], str] = {}
        self._nodes: dict[str, tuple[str, str]] = {}
        self._arrows: dict[str, None] = {}

    def node(self, kind: str, thing: _Thing, *more: str, within: str = "") -> str:
        """Draw a thing that has a name, once, with more lines about it; give the node's id."""
        key = (kind, within, *(part.casefold() for part in thing))  # Azure knows no capitals
        if thing.name and key not in self._ids:
            self._ids[key] = f"{kind}{sum(other[0] == kind for other in self._ids) + 1}"
            label = filter(None, [_KINDS[kind][0] + thing.name, *more])
            self._nodes[self._ids[key]] = within, "<br/>".join(map(escape, label))
        return self._ids.get(key, "")

    def arrow(self, start: str, style: str, label: str, end: str) -> None:
        """Draw an arrow, if both its ends are there."""
        if start and end:
            self._arrows[f'{start} {style}|"{escape(label)}"| {end}'] = None

    def lines(self, within: str = "") -> Iterator[str]:
        """The nodes in a node; one that has some itself is a frame around them."""
        for id, (around, label) in self._nodes.items():
            if around == within:
                shape = _KINDS[id.rstrip("0123456789")][1]
                inside = [f"  {line}" for line in self.lines(id)]
                frame = [f'subgraph {id}["{label}"]', *inside, "end"]
                yield from frame if inside else [id + shape % label]

    def __str__(self) -> str:
        return "\n  ".join(["flowchart LR", *self.lines(), *self._arrows])


def escape(text: str) -> str:
    """Text for a quoted label of Mermaid: what could mean something there is encoded.

    Encoding is of no help with two dollar signs: Mermaid looks for formulas when it has decoded.
    """
    line = re.sub(r"\$+", "$", " ".join(text.split()))
    return re.sub(r"[^\w .,:/-]|_", lambda found: f"#{ord(found[0])};", line)


def diagram(stack: Json, outputs: Json | None = None) -> str:
    """Draw a stack's JSON, with what ``terraform output -json`` says of it, if anything."""
    read, picture = _Stack(stack), _Picture()
    for registry in read.made("container_registry"):
        about = [read.text(registry.get("sku")), *_regions(registry, read)]
        node = picture.node(
            "registry", read.thing(registry.get("name"), registry), ", ".join(about)
        )
        blocked = registry.get("public_network_access_enabled") is False
        internet = picture.node("internet", _Thing("public internet"))
        picture.arrow(internet, "--x" if blocked else "-->", "blocked" if blocked else "open", node)
    endpoints = read.made("private_endpoint")
    for endpoint in endpoints:
        _draw(endpoint, _addresses(outputs or {}) if len(endpoints) == 1 else {}, read, picture)
    for link in read.made("private_dns_zone_virtual_network_link"):
        network = picture.node("network", read.thing(link.get("virtual_network_id")))
        zone = picture.node("zone", read.thing(link.get("private_dns_zone_name"), link))
        picture.arrow(network, "-.->", f"link {read.text(link.get('name'))}", zone)
    return str(picture)


def _draw(endpoint: Json, addresses: dict[str, str], read: _Stack, picture: _Picture) -> None:
    """Draw a private endpoint with where it is and what it leads to."""
    made = read.referred(subnet_id := endpoint.get("subnet_id"))
    connection: Json = next(iter(_each(endpoint.get("private_service_connection"))), {})
    registry_id = connection.get("private_connection_resource_id")
    addresses = addresses or _members(endpoint, _regions(read.referred(registry_id), read), read)
    known = ", ".join(filter(None, addresses.values())) or "address known after deployment"
    thing = read.thing(endpoint.get("name"), endpoint)

    around = read.thing(made.get("virtual_network_name", subnet_id), made, "virtualnetworks")
    network = picture.node("network", around)
    prefixes = ", ".join(map(read.text, _each(made.get("address_prefixes"))))
    subnet = picture.node("subnet", read.thing(subnet_id), prefixes, within=network)
    node = picture.node("endpoint", thing, known, within=subnet)
    cluster = picture.node("cluster", _Thing("private ARO cluster"), within=network)
    registry = picture.node("registry", read.thing(registry_id))
    picture.arrow(cluster, "-->", "pulls images", node)
    picture.arrow(node, "-->", f"connection {read.text(connection.get('name'))}", registry)

    for group in _each(endpoint.get("private_dns_zone_group")):
        for zone in map(read.thing, _each(group.get("private_dns_zone_ids"))):
            frame = picture.node("zone", zone)
            suffix = zone.name.removeprefix("privatelink")
            named = {name.removesuffix(suffix): ip for name, ip in addresses.items()}
            records = [f"{name}: {ip}" if ip else name for name, ip in named.items()]
            picture.node("records", thing, *records, within=frame)
            picture.arrow(node, "-.->", f"zone group {read.text(group.get('name'))}", frame)


def _regions(registry: Json, read: _Stack) -> list[str]:
    """The registry's region, and those of its replicas."""
    places = [registry, *_each(registry.get("georeplications"))]
    return [read.text(place["location"]) for place in places if "location" in place]


def _members(endpoint: Json, regions: list[str], read: _Stack) -> dict[str, str]:
    """The address of each part of the registry where it is given; empty where it is not."""
    given = {
        read.text(ip.get("member_name")): read.text(ip.get("private_ip_address"))
        for ip in _each(endpoint.get("ip_configuration"))
    }
    names = ["registry", *(f"registry_data_{r.replace(' ', '').lower()}" for r in regions)]
    members = {**dict.fromkeys(names, ""), **given}
    return {m.replace("registry_data_", "data endpoint in "): ip for m, ip in members.items()}


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


def _each(held: Any) -> list[Any]:
    """The items of what JSON holds as a list, as one alone, or not at all."""
    return held if isinstance(held, list) else [] if held is None else [held]


def main() -> None:
    """Draw a synthesized stack on standard output."""
    what = "Draw a synthesized stack on standard output."
    parser = argparse.ArgumentParser(prog="constructs_lib.diagram", description=what)
    parser.add_argument("stack", nargs="?", help="default: the only one")
    parser.add_argument("--outputs", metavar="FILE", help="of terraform output -json; - is stdin")
    asked = parser.parse_args()
    folder = Path(os.environ.get("CDKTF_OUTDIR") or "cdktf.out", "stacks")
    stacks = {file.parent.name: file for file in sorted(folder.glob("*/cdk.tf.json"))}
    if not stacks:
        sys.exit(f"no stack in {folder}: run make synth")
    if asked.stack not in stacks and (asked.stack or len(stacks) > 1):
        sys.exit(f"{asked.stack or 'which stack'}? There are: {', '.join(stacks)}")
    file = stacks[asked.stack or next(iter(stacks))]
    print(diagram(_json(str(file)), _json(asked.outputs) if asked.outputs else {}))


def _json(file: str) -> Json:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        read = json.loads(text or "{}")  # nothing, when Terraform had nothing to say
    except (OSError, ValueError) as error:
        sys.exit(f"{file}: can't be read as JSON: {error}")
    return read if isinstance(read, Mapping) else sys.exit(f"{file}: is no JSON object")


if __name__ == "__main__":
    main()
