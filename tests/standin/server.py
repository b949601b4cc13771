"""The wire: Terraform's plugin protocol over the schema and the cloud, for any resource type."""
# ruff: noqa: N802 - the protocol names the methods.

import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

# Neither package has types (see pyproject.toml), so all that comes from them is Any.
import msgpack
import tf.provider
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc
from tf.runner import run_provider

from . import cloud, ids, schema, store
from .requests import PENDING, Answer, Request, answer, transaction

# What a configuration without a word on registration registers, as far as it matters here.
REGISTERED_BY_DEFAULT: Final = ("Microsoft.ContainerRegistry", "Microsoft.Network")
# How often the SDK asks again before it gives up.
PATIENCE: Final = 20


def encode(value: Any) -> Any:
    """A value as Terraform's msgpack: extension type 0 is a value not known yet."""
    packed = msgpack.packb(value, default=lambda _: msgpack.ExtType(0, b"\x00"))
    return pb.DynamicValue(msgpack=packed)


def decode(value: Any) -> Any:
    """A value from Terraform's msgpack."""
    return msgpack.unpackb(value.msgpack, ext_hook=lambda *_: schema.UNKNOWN)


def attribute_path(steps: Iterable[schema.Step]) -> Any:
    """A path into a resource as the protocol writes it."""
    return pb.AttributePath(
        steps=[
            pb.AttributePath.Step(element_key_int=step)
            if isinstance(step, int)
            else pb.AttributePath.Step(attribute_name=step)
            for step in steps
        ]
    )


def errors(*messages: str | None) -> list[Any]:
    """A diagnostic for each message that there is."""
    return [pb.Diagnostic(severity="ERROR", summary=each) for each in messages if each]


def wire_block(block: schema.Block) -> Any:
    """A block as the protocol describes it."""
    attributes = {name: spec for name, spec in block.items() if schema.is_attribute(spec)}
    return pb.Schema.Block(
        attributes=[
            pb.Schema.Attribute(
                name=name,
                type=json.dumps(schema.wire_type(spec)).encode(),
                **{
                    flag: bool(spec.get(flag))
                    for flag in ("required", "optional", "computed", "sensitive")
                },
            )
            for name, spec in attributes.items()
        ],
        block_types=[
            pb.Schema.NestedBlock(
                type_name=name,
                block=wire_block(spec["block"]),
                nesting=spec["type"].upper(),
                min_items=spec.get("min_items", 1 if spec.get("required") else 0),
                max_items=spec.get("max_items", 0),
            )
            for name, spec in block.items()
            if name not in attributes
        ],
    )


def _schemas(of: Mapping[str, Any], block: Any) -> dict[str, Any]:
    return {type_: pb.Schema(block=wire_block(block(type_))) for type_ in of}


class Servicer(rpc.ProviderServicer):
    """One provider process: stateless but for the subscription it was configured with."""

    def __init__(self, _: object) -> None:
        """Takes what `run_provider` passes, and finds its cloud by the environment."""
        self.path = Path(os.environ["STANDIN_CLOUD"])
        self.subscription = ""

    def GetProviderSchema(self, request: Any, context: Any) -> Any:
        """Describes everything that is served."""
        served = schema.description()
        return pb.GetProviderSchema.Response(
            provider=pb.Schema(block=wire_block(served["provider"])),
            resource_schemas=_schemas(served["resources"], schema.resource),
            data_source_schemas=_schemas(served["data_sources"], schema.data_source),
        )

    def ValidateProviderConfig(self, request: Any, context: Any) -> Any:
        """Leaves it to Terraform to check the configuration against the schema."""
        return pb.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request: Any, context: Any) -> Any:
        """Says what the SDK says; the rest Terraform itself checks by the schema."""
        block = schema.resource(request.type_name)
        found = schema.mistakes(block, decode(request.config), request.type_name)
        return pb.ValidateResourceConfig.Response(diagnostics=errors(*found))

    def ValidateDataResourceConfig(self, request: Any, context: Any) -> Any:
        """As for a resource."""
        block = schema.data_source(request.type_name)
        found = schema.mistakes(block, decode(request.config), f"data.{request.type_name}")
        return pb.ValidateDataResourceConfig.Response(diagnostics=errors(*found))

    def UpgradeResourceState(self, request: Any, context: Any) -> Any:
        """Passes the state on: there is one version of each schema."""
        state = encode(json.loads(request.raw_state.json))
        return pb.UpgradeResourceState.Response(upgraded_state=state)

    def ConfigureProvider(self, request: Any, context: Any) -> Any:
        """Checks the account, and registers the services: during plan, as the real one does."""
        config = decode(request.config)
        self.subscription = config["subscription_id"] or os.environ.get("ARM_SUBSCRIPTION_ID", "")
        error = self._misconfigured(config) or self._register(config)
        return pb.ConfigureProvider.Response(diagnostics=errors(error))

    def ReadResource(self, request: Any, context: Any) -> Any:
        """Shows the resource as it is in the cloud now."""
        prior = decode(request.current_state)
        with transaction(self.path) as there:
            error = cloud.unreadable(there, prior["id"])
        if error:
            what = ids.describe(request.type_name, prior["id"])
            return pb.ReadResource.Response(
                new_state=encode(prior), diagnostics=errors(f"retrieving {what}: {error}")
            )
        state = self._state(request.type_name, prior["id"], prior["timeouts"])
        return pb.ReadResource.Response(new_state=encode(state))

    def ImportResourceState(self, request: Any, context: Any) -> Any:
        """Takes an id in any case; what is there is then read."""
        if not ids.parse(request.type_name, request.id):
            error = f'parsing "{request.id}": this is no id of {request.type_name}'
            return pb.ImportResourceState.Response(diagnostics=errors(error))
        state = {**schema.state(schema.resource(request.type_name), {}), "id": request.id}
        imported = pb.ImportResourceState.ImportedResource(
            type_name=request.type_name, state=encode(state)
        )
        return pb.ImportResourceState.Response(imported_resources=[imported])

    def ReadDataSource(self, request: Any, context: Any) -> Any:
        """Shows a resource that others own, or says that it is not there."""
        config = decode(request.config)
        id_ = ids.compose(request.type_name, config, self.subscription)
        with transaction(self.path) as there:
            found = cloud.view(there, id_)
        if found is None:
            error = f"{ids.describe(request.type_name, id_)} was not found"
            return pb.ReadDataSource.Response(diagnostics=errors(error))
        block = schema.data_source(request.type_name)
        state = schema.state(block, {**found, "timeouts": config["timeouts"]})
        return pb.ReadDataSource.Response(state=encode(state))

    def PlanResourceChange(self, request: Any, context: Any) -> Any:
        """Says what will be, and which changes need a new resource."""
        prior, config = decode(request.prior_state), decode(request.config)
        if config is None:
            return pb.PlanResourceChange.Response(planned_state=request.proposed_new_state)
        block = schema.resource(request.type_name)
        planned = schema.plan(block, config, prior)
        paths = schema.replacements(block, prior, planned) if prior else ()
        return pb.PlanResourceChange.Response(
            planned_state=encode(planned),
            requires_replace=[attribute_path(path) for path in paths],
            # As the real SDK: else the default of an argument that isn't computed is refused.
            legacy_type_system=True,
        )

    def ApplyResourceChange(self, request: Any, context: Any) -> Any:
        """Has the cloud make, change or remove the resource."""
        prior, planned = decode(request.prior_state), decode(request.planned_state)
        operation = "delete" if planned is None else "update" if prior else "create"
        values = planned or prior
        block = schema.resource(request.type_name)
        id_ = (prior or {}).get("id") or ids.compose(request.type_name, values, self.subscription)
        wanted = {"type": request.type_name, **schema.settings(block, values)}
        given = self._persist(Request(operation, request.type_name, id_), wanted)
        state = prior if given.error and not given.kept else planned
        if given.kept and planned is not None:
            state = self._state(request.type_name, id_, planned["timeouts"])
        return pb.ApplyResourceChange.Response(
            new_state=encode(state),
            diagnostics=errors(given.error),
            legacy_type_system=True,
        )

    def StopProvider(self, request: Any, context: Any) -> Any:
        """Agrees to stop: no request lasts."""
        return pb.StopProvider.Response()

    def _state(self, type_: str, id_: str, timeouts: Any) -> Any:
        with transaction(self.path) as there:
            found = cloud.view(there, id_)
        return found and schema.state(schema.resource(type_), {**found, "timeouts": timeouts})

    def _misconfigured(self, config: Mapping[str, Any]) -> str | None:
        """What is wrong with the account, in the real provider's words."""
        if not self.subscription:
            return (
                "`subscription_id` is a required provider property when performing a plan/apply "
                "operation"
            )
        skips = os.environ.get("ARM_SKIP_PROVIDER_REGISTRATION", "").lower() == "true"
        if skips and config["resource_provider_registrations"]:
            return (
                "provider property `skip_provider_registration` cannot be set at the same time as "
                "`resource_provider_registrations`, please remove `skip_provider_registration` "
                "from your configuration or unset the `ARM_SKIP_PROVIDER_REGISTRATION` environment "
                "variable"
            )
        environment = config["environment"] or os.environ.get("ARM_ENVIRONMENT", "public")
        with transaction(self.path) as there:
            if environment != there["environment"]:
                return (
                    "AADSTS900382: Confidential Client is not supported in Cross Cloud request: "
                    f"{environment}, {there['environment']}"
                )
        return None

    def _register(self, config: Mapping[str, Any]) -> str | None:
        """Registers what is asked for and isn't registered yet."""
        none = config["resource_provider_registrations"] == "none"
        asked = config["resource_providers_to_register"] or []
        account = f"/subscriptions/{self.subscription}"
        with transaction(self.path) as there:
            known = set(cloud.registered(there, account))
        for namespace in [*asked, *(() if none else REGISTERED_BY_DEFAULT)]:
            request = Request("register", namespace, f"{account}/providers/{namespace}")
            given = None if namespace in known else self._persist(request, {})
            if given and given.error:
                return given.error
        return None

    def _persist(self, request: Request, wanted: dict[str, Any]) -> Answer:
        """Asks until there is an end, as the real SDK does on throttling and long operations."""
        for _ in range(PATIENCE):
            with transaction(self.path) as there:
                given = answer(there, _faults(), request, lambda: _perform(there, request, wanted))
            if given.status not in PENDING:
                return given
            time.sleep(0.001)
        return replace(given, error=f"{request.operation} {request.id}: no end: {given.status}")


def _faults() -> list[dict[str, Any]]:
    path = Path(os.environ.get("STANDIN_FAULTS", ""))
    return json.loads(path.read_text()) if path.is_file() else []


def _perform(there: store.Cloud, request: Request, wanted: dict[str, Any]) -> str | None:
    """What the real provider does in one request: look whether it may, and ask Azure."""
    if request.operation == "register":
        cloud.register(there, request.id)
        return None
    if request.operation == "create" and store.find(there, request.id):
        return (
            f'A resource with the ID "{request.id}" already exists - to be managed via Terraform '
            "this resource needs to be imported into the State. Please see the resource "
            f'documentation for "{request.type}" for more information.'
        )
    if request.operation == "delete":
        cloud.begin_deletion(there, request.id)
    said = cloud.refusal(there, request.operation, request.id, wanted)
    if said:
        doing = {"create": "creating", "update": "updating", "delete": "deleting"}
        what = ids.describe(request.type, request.id)
        return f"{doing[request.operation]} {what}: unexpected status 400 with error: {said}"
    cloud.carry_out(there, request.operation, request.id, wanted)
    return None


def main() -> None:
    """Serves until Terraform ends the process."""
    tf.provider.ProviderServicer = Servicer
    run_provider(None)
