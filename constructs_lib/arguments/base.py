"""The base class of typed arguments, which a program creates or a settings file is read into.

A program's values may be Terraform's tokens, and the texts of a file are literal. Both are held to
the same rules.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast, get_type_hints

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from .. import terraform
from .problems import ArgumentError, Problem, problems

_Arguments = TypeVar("_Arguments", bound="Arguments")

_Init = TypeVar("_Init", bound=Callable[..., None])

FROM_A_FILE = {"from_a_file": True}
"""The context of a validation whose texts are literal."""


def collect(wrong: list[Problem], cls: type[_Arguments], **arguments: Any) -> _Arguments:
    """Create arguments of a class. Wrong ones stay as they are, and ``wrong`` gets the problems."""
    try:
        return cls(**arguments)
    except ArgumentError as error:
        wrong += error.problems
        return cls.model_construct(**arguments)


def _for_programs_only(init: _Init) -> _Init:
    """Mark an ``__init__`` that pydantic does not call when it reads data."""
    init.__dict__["__pydantic_base_init__"] = True
    return init


class _PlainSignature:
    """A class's signature with plain types, which is made when somebody looks at it."""

    def __init__(self, signature: Any) -> None:
        self._signature = signature

    def __get__(self, instance: object, cls: type) -> inspect.Signature:
        types, signature = get_type_hints(cls), self._signature.__get__(instance, cls)
        shown = [
            each.replace(annotation=types[name]) for name, each in signature.parameters.items()
        ]
        return cast(inspect.Signature, signature.replace(parameters=shown))


class Arguments(BaseModel):
    """The arguments of one resource. Each is held to its rule, and unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @_for_programs_only
    def __init__(self, **arguments: Any) -> None:
        """Check each argument.

        Raises:
            ArgumentError: with every wrong argument, its value, and what is expected.
        """
        try:
            super().__init__(**arguments)
        except ValidationError as error:
            raise ArgumentError(type(self).__name__, problems(error, type(self))) from None

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Show each argument in ``help()``: its plain type, and the documentation's words."""
        plain: Any = _PlainSignature(cls.__dict__["__signature__"])
        cls.__signature__ = plain
        described = [
            f"    {name}: {field.description}."
            for name, field in cls.model_fields.items()
            if field.description
        ]
        cls.__doc__ = "\n".join([inspect.cleandoc(cls.__doc__ or ""), "", "Args:", *described])

    @field_validator("*", mode="wrap")
    @classmethod
    def _take_tokens(
        cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Any:
        """Let a value that only Terraform knows pass every rule."""
        if info.context is None and not terraform.is_known(value):
            return value
        return handler(value)


def to_structs(value: Any, structs: Mapping[type, Callable[..., Any]]) -> Any:
    """A value as the bindings take it: arguments become structs, and empty values nothing.

    Args:
        value: the value of an argument.
        structs: by the class of arguments, what creates the struct of the bindings.
    """
    if isinstance(value, Arguments):
        return structs[type(value)](**{name: to_structs(each, structs) for name, each in value})
    if isinstance(value, list):
        return [to_structs(each, structs) for each in value] or None
    if isinstance(value, dict):
        return {name: to_structs(each, structs) for name, each in value.items()} or None
    return value


def rule(check: Callable[[str], str]) -> AfterValidator:
    """A rule for a text. A text that only Terraform knows passes.

    A text from a file is escaped, so that Terraform takes it literally.
    """

    def apply(text: str, info: ValidationInfo) -> str:
        if info.context is not None:
            return terraform.literal(check(text))
        return check(text) if terraform.is_known(text) else text

    apply.__dict__["check"] = check  # for tools that show what is checked
    return AfterValidator(apply)
