"""The base class of typed arguments, which a program creates or a settings file is read into.

A program's values may be Terraform's tokens, and the texts of a file are literal. Both are held to
the same rules.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
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
"""The context of a validation whose texts are literal, also those that look like a template."""

UNKNOWN = terraform.expression("unknown")
"""In the place of a wrong value of a file: this very object passes every rule, as a token does."""


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
            each.replace(annotation=types[name])
            for name, each in signature.parameters.items()
            if name in types  # all but what refuses arguments without a name
        ]
        return cast(inspect.Signature, signature.replace(parameters=shown))


class SignatureOfInit:
    """The signature of a class's ``__init__`` in ``help()``, which jsii's metaclass hides."""

    def __get__(self, instance: object, cls: type) -> inspect.Signature:
        init: Any = next(vars(each)["__init__"] for each in cls.mro() if "__init__" in vars(each))
        signature = inspect.signature(init)
        return signature.replace(parameters=list(signature.parameters.values())[1:])


class Arguments(BaseModel):
    """The arguments of one resource. Each is held to its rule, and unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @_for_programs_only
    def __init__(self, *unnamed: Any, **arguments: Any) -> None:
        """Check each argument.

        Raises:
            ArgumentError: with every wrong argument, its value, and what is expected.
        """
        if unnamed:
            names = ", ".join(f"{name}=…" for name in type(self).model_fields)
            problem = Problem(("an argument",), unnamed[0], f"give each by its name: {names}")
            raise ArgumentError(type(self).__name__, [problem])
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
        if value is UNKNOWN or (info.context is None and not terraform.is_known(value)):
            return value
        return handler(value)


def meaning(cls: type[Arguments], argument: str) -> str:
    """What an argument of a class means, in the words of the documentation."""
    return cls.model_fields[argument].description or ""


def literal(value: Any) -> Any:
    """Arguments from a file as Terraform takes them literally: no text in them is a template."""
    if isinstance(value, Arguments):
        texts = {name: literal(each) for name, each in value}
        return type(value).model_construct(value.model_fields_set, **texts)
    if isinstance(value, dict):
        return {literal(name): literal(each) for name, each in value.items()}
    if isinstance(value, list):
        return [literal(each) for each in value]
    return terraform.literal(value) if isinstance(value, str) else value


def checked(check: Callable[[str], str]) -> AfterValidator:
    """A rule for a text. In a program, a text that only Terraform knows passes."""

    def apply(text: str, info: ValidationInfo) -> str:
        return check(text) if info.context is not None or terraform.is_known(text) else text

    apply.__dict__["check"] = check  # for tools that show what is checked
    return AfterValidator(apply)
