"""Values and schemas as messages of Terraform's plugin protocol."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

# Neither package has types (see pyproject.toml), so all their objects are Any.
import msgpack
from tf.gen import tfplugin_pb2 as pb

from . import schema


def encode(value: Any) -> Any:
    """Encodes a value as Terraform's msgpack, in which extension type 0 is an unknown value."""
    packed = msgpack.packb(value, default=lambda _: msgpack.ExtType(0, b"\x00"))
    return pb.DynamicValue(msgpack=packed)


def decode(value: Any) -> Any:
    """Decodes a value from Terraform's msgpack."""
    return msgpack.unpackb(value.msgpack, ext_hook=lambda *_: schema.UNKNOWN)


def attribute_path(steps: Iterable[schema.Step]) -> Any:
    """Converts a path into a resource to the protocol's message."""
    return pb.AttributePath(
        steps=[
            pb.AttributePath.Step(element_key_int=step)
            if isinstance(step, int)
            else pb.AttributePath.Step(attribute_name=step)
            for step in steps
        ]
    )


def errors(*messages: str | None) -> list[Any]:
    """Returns an error diagnostic for each message that is not empty."""
    return [pb.Diagnostic(severity="ERROR", summary=each) for each in messages if each]


def wire_block(block: schema.Block) -> Any:
    """Converts a block to the protocol's schema message."""
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


def wire_schemas(blocks: Mapping[str, schema.Block]) -> dict[str, Any]:
    """Converts the block of each type to the protocol's message."""
    return {type_: pb.Schema(block=wire_block(block)) for type_, block in blocks.items()}
