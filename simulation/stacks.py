"""Synthesized stacks, with the ids that their resources have in Azure."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from constructs_lib.expressions.values import Expression
from constructs_lib.stack_json import StackJson
from standin import SUBSCRIPTION, required_version, resource_ids, schema, store

Json = dict[str, Any]

GROUP: Final = "azurerm_resource_group"
NETWORK: Final = "azurerm_virtual_network"
SUBNET: Final = "azurerm_subnet"
REGISTRY: Final = "azurerm_container_registry"
ZONE: Final = "azurerm_private_dns_zone"
LINK: Final = "azurerm_private_dns_zone_virtual_network_link"
CACHE_RULE: Final = "azurerm_container_registry_cache_rule"
ENDPOINT: Final = "azurerm_private_endpoint"
ROLE: Final = "azurerm_role_assignment"
LOGIN: Final = "azurerm_container_registry_token_password"


class SimulationError(Exception):
    """Why a simulation does not go on: in Terraform's or Azure's own words, if it is theirs."""


@dataclass(frozen=True)
class Resource:
    """A resource or a data source, with its id in Azure and its values, references followed.

    Its values are the arguments of a version of azurerm.
    """

    type: str
    id: str
    values: Json
    version: str

    @property
    def name(self) -> str:
        """The resource's name in Azure; passwords have that of their token."""
        if self.type == LOGIN:
            return f"of {store.name_of(resource_ids.parent(self.id))}"
        return str(self.values.get("name", self.id.rpartition("/")[2]))


class Stack:
    """A stack's JSON, as far as it is known without Azure."""

    def __init__(self, name: str, config: Json) -> None:
        """Reads the JSON of a stack.

        Raises:
            SimulationError: the stand-in does not know its azurerm, or one of its types.
        """
        self.name = name
        self.config = config
        self._json = StackJson(config, id_of=self._id)
        try:
            self.version = schema.described(self.provider_version)
        except ValueError as error:
            raise SimulationError(f"{name}: {error}") from None
        providers: list[Json] = config.get("provider", {}).get("azurerm", [])
        self.provider = min(providers, key=lambda each: "alias" in each, default={})
        self.environment: str = self.provider.get("environment") or "public"
        unknown = {*config.get("resource", {})} - {*schema.served("resources", self.version)}
        unknown |= {*config.get("data", {})} - {*schema.served("data_sources", self.version)}
        if unknown:
            types = ", ".join(sorted(unknown))
            raise SimulationError(f"{name}: the simulated Azure has no {types}: deploy it for real")
        for endpoint in self.of_type(ENDPOINT):
            used = (endpoint.values["subnet_id"], store.target(endpoint.values))
            if not all(id_.startswith("/") for id_ in used):
                raise SimulationError(
                    f"{name}: the ids of subnet and registry of {endpoint.name} are known only to "
                    "Terraform: deploy it for real"
                )

    @property
    def subscription(self) -> str:
        """The subscription of whoever deploys, as the environment or the endpoint's subnet says."""
        given = self.provider.get("subscription_id") or os.environ.get("ARM_SUBSCRIPTION_ID")
        endpoints = self.config.get("resource", {}).get(ENDPOINT, {}).values()
        subnets = (str(each.get("subnet_id")) for each in endpoints)
        named = (subnet.split("/")[2] for subnet in subnets if subnet.startswith("/"))
        return given or next(named, SUBSCRIPTION)

    @property
    def resources(self) -> dict[str, Resource]:
        """What the stack creates or imports, by its address in Terraform."""
        created = {*self.config.get("resource", {})}
        return {
            address: self._resource(block.type, block.attributes)
            for address, block in self._json.blocks()
            if block.type in created
        }

    @property
    def data_sources(self) -> list[Resource]:
        """What the stack reads."""
        return [
            self._resource(block.type.removeprefix("data."), block.attributes)
            for _, block in self._json.blocks()
            if block.type.startswith("data.")
        ]

    @property
    def imports(self) -> dict[str, Resource]:
        """What the stack imports: its resources, by the id in the import block."""
        blocks = self.config.get("import", [])
        return {block["id"]: self.resources[block["to"]] for block in blocks}

    def of_type(self, type_: str) -> list[Resource]:
        """The stack's resources of a type."""
        return [each for each in self.resources.values() if each.type == type_]

    def without_protection(self) -> Stack:
        """A copy without ``prevent_destroy``."""
        config = json.loads(json.dumps(self.config))
        for of_type in config.get("resource", {}).values():
            for values in of_type.values():
                values.get("lifecycle", {}).pop("prevent_destroy", None)
        return Stack(self.name, config)

    @property
    def state_settings(self) -> Json:
        """Where the settings keep the state."""
        settings: Json = self.config["terraform"]
        return {name: settings[name] for name in ("backend", "cloud") if name in settings}

    @property
    def backend(self) -> str:
        """The kind of place where the state is kept: ``local``, ``cloud`` or ``azurerm``."""
        if "cloud" in self.state_settings:
            return "cloud"
        return str(next(iter(self.state_settings.get("backend", {})), "local"))

    @property
    def state_place(self) -> str:
        """What tells this stack's state from others': a file, a blob or a workspace."""
        settings = {**self.state_settings.get("backend", {})}
        if "cloud" in self.state_settings:
            workspaces: Json = self.state_settings["cloud"].get("workspaces", {})
            return f"workspace {workspaces.get('name', self.name)}"
        if "azurerm" in settings:
            return f"blob {settings['azurerm']['key']}"
        path = str(settings.get("local", {}).get("path", "terraform.tfstate"))
        return re.sub(r"^(\.\./)+", "", path)  # from the project's folder on

    @property
    def provider_version(self) -> str:
        """The version of azurerm that the stack asks for."""
        return required_version(self.config)

    def simulated(self) -> Json:
        """The JSON with its state in a file beside it, and with the stand-in as the provider."""
        settings = {
            name: value
            for name, value in self.config["terraform"].items()
            if name not in self.state_settings
        }
        settings["backend"] = {"local": {"path": "terraform.tfstate"}}
        provider = {"source": "azurerm", "version": self.version}
        settings["required_providers"] = {"azurerm": provider}
        return {**self.config, "terraform": settings}

    def _resource(self, type_: str, values: Mapping[str, Any]) -> Resource:
        given = {name: value for name, value in values.items() if name not in _META}
        own = store.with_texts(given, _unescaped)
        for name, spec in schema.description(self.version)["resources"].get(type_, {}).items():
            if "block" in spec and isinstance(own.get(name), dict):
                own[name] = [own[name]]
        return Resource(type_, self._json.id(type_, values), own, self.version)

    def _id(self, type_: str, values: Mapping[str, Any], subscription: str | None) -> str:
        return resource_ids.compose(type_, values, subscription or self.subscription)


def _unescaped(text: str) -> str:
    """A text as Azure gets it; one that only Azure knows stays a reference."""
    is_known = not isinstance(text, Expression)
    return text.replace("$${", "${").replace("%%{", "%{") if is_known else text


_META: Final = ("//", "depends_on", "lifecycle", "provider")
