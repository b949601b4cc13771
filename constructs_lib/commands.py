"""What make does with Azure: Terraform itself, in a stack's folder, on the user's own terminal."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from .azure.naming import PLACEHOLDER, days_until
from .settings import Registry, SettingsError, adoption, load
from .stack_json import further_files

TERRAFORM = os.environ.get("TERRAFORM_BINARY_NAME") or "terraform"
ALL = "all"
APPROVED = "auto-approve"

_OF_APPLY = ("compact-warnings", "lock", "lock-timeout", "no-color", "parallelism")
"""The options of a plan that its apply takes as well."""


class StackFolder:
    """A synthesized stack, and Terraform in its folder."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = Path(os.environ.get("CDKTF_OUTDIR") or "cdktf.out", "stacks", name)
        try:
            self.config: Mapping[str, Any] = json.loads((self.folder / "cdk.tf.json").read_text())
        except OSError:
            sys.exit(f"{name} is not synthesized in {self.folder}: run make synth")
        self.errors = ""
        """What the last apply wrote to standard error."""
        self._initialized = (
            self.folder / os.environ.get("TF_DATA_DIR", ".terraform") / "initialized"
        )

    @property
    def is_local(self) -> bool:
        """Whether the state is a file on this machine."""
        return "local" in self.config["terraform"].get("backend", {})

    @property
    def registries(self) -> list[Mapping[str, Any]]:
        """The attributes of each registry that the stack creates."""
        return list(self.config.get("resource", {}).get("azurerm_container_registry", {}).values())

    @property
    def networks(self) -> list[Mapping[str, Any]]:
        """The attributes of each virtual network that the stack reads."""
        return list(self.config.get("data", {}).get("azurerm_virtual_network", {}).values())

    @property
    def ended_tokens(self) -> list[str]:
        """The names of the tokens whose password has ended."""
        resources = self.config.get("resource", {})
        tokens = resources.get("azurerm_container_registry_token", {})
        return [
            tokens[id]["name"]
            for password in resources.get("azurerm_container_registry_token_password", {}).values()
            for id in re.findall(r"_token\.([\w-]+)", password["container_registry_token_id"])
            if id in tokens and _has_ended(password)
        ]

    @property
    def is_cloud(self) -> bool:
        """Whether plan and apply run in HCP Terraform."""
        return "cloud" in self.config["terraform"]

    def initialize(self) -> None:
        """Run ``terraform init``, unless it has been run for this backend, provider and lock."""
        if self._initialized.is_file() and self._initialized.read_text() == self._digest():
            return
        print(f"{self.name}: terraform init, which fetches the provider once", file=sys.stderr)
        # Its errors go to standard error, and what it says besides is for those who run it by hand.
        if status := self._call("init", "-input=false", stdout=subprocess.DEVNULL):
            sys.exit(status)
        self._initialized.write_text(self._digest())

    def _digest(self) -> str:
        lock = self.folder / ".terraform.lock.hcl"
        made_of = [
            TERRAFORM,
            self.config["terraform"],
            lock.read_text() if lock.is_file() else "",
            {name: value for name, value in os.environ.items() if name.startswith("TF_")},
        ]
        return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()

    def terraform(self, *command: str, errors: list[bytes] | None = None) -> int:
        """Run a command on the user's terminal, and return its status.

        Args:
            command: the command and its options.
            errors: gets what the command writes to standard error, which is shown as well.

        Raises:
            KeyboardInterrupt: the user pressed Ctrl-C, and Terraform ended as if nothing was left.
        """
        status = self._call(*command, errors=errors)
        if status == 1:  # perhaps what init has put there is gone: it runs again next time
            self._initialized.unlink(missing_ok=True)
        return status

    def read(self, *command: str) -> Any:
        """The JSON that a command writes; its errors go to the user's terminal."""
        done = subprocess.run([TERRAFORM, *command], cwd=self.folder, stdout=subprocess.PIPE)
        return json.loads(done.stdout) if not done.returncode else sys.exit(done.returncode)

    def _call(
        self, *command: str, stdout: int | None = None, errors: list[bytes] | None = None
    ) -> int:
        environ = {**os.environ, "TF_IN_AUTOMATION": "1"}  # it gives no advice on what to run next
        with (
            _left_to_the_child() as interrupts,
            subprocess.Popen(
                [TERRAFORM, *command],
                cwd=self.folder,
                env=environ,
                stdout=stdout,
                stderr=None if errors is None else subprocess.PIPE,
            ) as process,
        ):
            interrupts.child = process
            if process.stderr and errors is not None:
                while chunk := os.read(process.stderr.fileno(), 65536):
                    errors.append(chunk)
                    sys.stderr.buffer.write(chunk)
                    sys.stderr.flush()
            status = process.wait()
        if interrupts.seen and not status:
            raise KeyboardInterrupt
        return abs(status)


class _Interrupts:
    """The signals that arrived while a program ran."""

    def __init__(self) -> None:
        self.child: subprocess.Popen[bytes] | None = None
        self.seen = False

    def take(self, number: int, frame: FrameType | None) -> None:
        """Send the signal to the program, unless it is Ctrl-C, which the terminal sends to both."""
        self.seen = True
        if self.child and number != signal.SIGINT:
            self.child.send_signal(number)


@contextmanager
def _left_to_the_child() -> Iterator[_Interrupts]:
    """Leave each end to Terraform: it finishes what is running, and writes the state."""
    interrupts = _Interrupts()
    ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, interrupts.take) for number in ends}
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _has_ended(password: Mapping[str, Any]) -> bool:
    expiry = str(password["password1"].get("expiry", "$"))
    return "$" not in expiry and days_until(expiry) <= 0


def diff(stack: StackFolder, options: list[str]) -> int:
    """Show what a deployment would change."""
    return stack.terraform("plan", *options)


def deploy(stack: StackFolder, options: list[str], *destroy: str) -> int:
    """Show the plan, ask, and apply the plan that was shown; apply an empty one without asking."""
    what = "destroy" if destroy else "deploy"
    approved = APPROVED in map(_name, options)
    if stack.is_cloud and _version(stack) < (1, 6):  # it can't save the plan of a remote run
        return stack.terraform("apply", *destroy, *options)
    with tempfile.TemporaryDirectory() as folder:  # for its owner only: a plan holds secrets
        plan = str(Path(folder, "plan"))
        asked = [option for option in options if _name(option) != APPROVED]
        changes = stack.terraform("plan", "-detailed-exitcode", f"-out={plan}", *destroy, *asked)
        if changes not in (0, 2):
            return changes
        if changes and not approved and not _agreed(f"Do you want to {what} {stack.name}?"):
            print(f"Nothing has changed: make {what} was cancelled.")
            return 1
        again = [option for option in asked if _name(option) in _OF_APPLY]
        errors: list[bytes] = []
        status = stack.terraform("apply", *again, plan, errors=errors)
        stack.errors = b"".join(errors).decode(errors="replace")
        return status


def destroy(stack: StackFolder, options: list[str]) -> int:
    """Show what is destroyed, ask, and destroy it."""
    return deploy(stack, options, "-destroy")


def output(stack: StackFolder, options: list[str]) -> int:
    """Show the outputs of a deployed stack."""
    _outputs(stack)
    return stack.terraform("output", *options)


def verify(stack: StackFolder, options: list[str]) -> int:
    """Prove from this machine that the registry of a deployed stack is private."""
    outputs = _outputs(stack)
    # Not the others, which may be secret.
    names = ("registry_fqdn", "registry_private_ip", "registry_data_endpoints")
    text = json.dumps({name: outputs[name] for name in names if name in outputs})
    command = [sys.executable, "verify.py", "--outputs", "-", *options]
    return abs(subprocess.run(command, input=text, text=True).returncode)


def _outputs(stack: StackFolder) -> Mapping[str, Any]:
    outputs: Mapping[str, Any] = stack.read("output", "-json")
    return outputs or sys.exit(
        f"{stack.name} is not deployed: its state has no outputs; run make deploy"
    )


def _name(option: str) -> str:
    return option.lstrip("-").partition("=")[0]


def _version(stack: StackFolder) -> tuple[int, ...]:
    version = str(stack.read("version", "-json")["terraform_version"])
    return tuple(map(int, version.partition("-")[0].split(".")))


def _agreed(question: str) -> bool:
    print(f"\n{question} Terraform will do what is shown above.")
    try:
        return input("Only 'yes' will be accepted: ") == "yes"
    except EOFError:
        print()
        return False


def _refusals(
    command: str, stacks: list[StackFolder], options: list[str], file: str
) -> Iterator[str]:
    """Why Terraform must not run, if it must not."""
    asks = command in ("deploy", "destroy") and APPROVED not in map(_name, options)
    if asks and not sys.stdin.isatty():
        yield (
            f"make {command} asks before it applies, and there is no terminal to ask on: "
            "ARGS=-auto-approve applies without asking, and make diff shows the plan"
        )
    workspace = os.environ.get("TF_WORKSPACE", "default")
    if workspace != "default" and any(stack.is_local for stack in stacks):
        yield (
            f"TF_WORKSPACE is {workspace!r}: the state would be a file in {stacks[0].folder}, "
            "which may be deleted at any time; unset it, and give each environment its own stack"
        )
    for stack in stacks:
        for other in further_files(stack.folder):
            yield (
                f"{other}: Terraform would read this file too, and the program has not written it: "
                "delete it, and put what it says into the program"
            )
    if command != "output":
        yield from _placeholders(stacks, file)
    for stack in stacks if command in ("diff", "deploy") else []:  # a destruction removes them
        for token in stack.ended_tokens:
            yield (
                f"{stack.name}: the password of the token {token} has ended: take the token out of "
                "pull_tokens, or give it an expiry in the future, which replaces its password"
            )


def _placeholders(stacks: list[StackFolder], file: str) -> Iterator[str]:
    """The names of the shipped file that are still those of the guide."""
    text = Path(file).read_text(encoding="utf-8")
    registries = [registry for stack in stacks for registry in stack.registries]
    networks = [network for stack in stacks for network in stack.networks]
    both = [*registries, *networks]
    for variable, placeholder, what, blocks, key in (
        ("ACR_NAME", PLACEHOLDER, "registry's name", registries, "name"),
        ("AZR_RESOURCE_GROUP", "aro-mobb-rg", "resource group", both, "resource_group_name"),
        ("ARO_VNET_NAME", "aro-rcarrata-vnet", "virtual network", networks, "name"),
    ):
        used = [each.get(key) for each in blocks]
        given = os.environ.get(variable)
        is_default = not given or placeholder == PLACEHOLDER  # which nobody else can have
        if f":-{placeholder}}}" in text and placeholder in used and is_default:
            empty = f", and {variable} is set, but empty" if given == "" else ""
            yield (
                f"{file}: the {what} is still the placeholder {placeholder!r}{empty}: write yours "
                f"there, in the place of ${{{variable}:-{placeholder}}}, so that it is the same in "
                "every shell"
            )


_COMMANDS = {each.__name__: each for each in (diff, deploy, destroy, output, verify)}


def _chosen(asked: str, file: str) -> dict[str, Registry]:
    """The stacks that are asked for, in the order of the settings file."""
    try:
        stacks = load(file, os.environ).settings.registries
    except SettingsError as error:
        sys.exit(str(error))
    if asked in stacks:
        return {asked: stacks[asked]}
    if asked == ALL or (not asked and len(stacks) == 1):
        return stacks
    known = f"the stacks of {file} are {', '.join(stacks)}"
    sys.exit(f"no stack {asked}: {known}" if asked else f"{known}: name one as STACK=…, or all")


def main() -> None:
    """Run a command on the stacks that are asked for, up to the first that fails."""
    command, asked, *options = sys.argv[1:]
    file = os.environ.get("REGISTRIES_FILE") or "registries.yaml"
    os.umask(0o077)  # the state and what Terraform writes beside it hold secrets
    for number in (signal.SIGTERM, signal.SIGHUP):  # the plan is deleted then, too
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    registries = _chosen(asked, file)
    stacks = [StackFolder(name) for name in registries]
    if command == "destroy":
        stacks.reverse()
    if refused := [*_refusals(command, stacks, options, file)]:
        sys.exit("\n".join(refused))
    try:
        for stack in stacks:
            stack.initialize()
            if len(stacks) > 1:
                print(f"── {stack.name}", file=sys.stderr, flush=True)
            if status := _COMMANDS[command](stack, options):
                for line in adoption.lines(stack.name, registries[stack.name], file, stack.errors):
                    print(line, file=sys.stderr)
                sys.exit(status)
    except KeyboardInterrupt:
        sys.exit(130)
    except FileNotFoundError as error:
        sys.exit(f"{error.filename}: {error.strerror}; TERRAFORM_BINARY_NAME names the program")


if __name__ == "__main__":
    main()
