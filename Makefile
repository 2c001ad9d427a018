# Everything that Lakewarden needs, it sets up itself: in .venv, .tools and the user's cache.
# `make` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
SOURCE ?=
ARGS ?=
REPORTS ?= reports

BIN := .venv/bin
SAY := printf '==> %s\n'
# Together, since most of it waits for others: pip for a network, Go's build for itself.
SET_UP := $(MAKE) --no-print-directory --jobs 4
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-compile --require-hashes
# pip's own account of it, down to a line for each package of a megabyte or more.
MEGABYTES := awk '/^ +Downloading .* MB/ { sub(/-.*\(/, " ("); print; fflush() }'
GENERATE_SCHEMAS := $(BIN)/python -m lakewarden.settings.rego_schemas
GENERATE_REPORT_SCHEMA := $(BIN)/python -m lakewarden.generate.report_schema
GENERATE_DOCUMENT_PAGE := $(BIN)/python -m lakewarden.generate.document_page
GENERATE_HISTORY_PAGE := $(BIN)/python -m lakewarden.generate.history_page
GENERATE_POLICY_PAGES := $(BIN)/python -m lakewarden.generate.policy_pages
GENERATE_EVIDENCE_PAGE := $(BIN)/python -m lakewarden.generate.evidence_page
GENERATE_EDITOR_SCHEMAS := $(BIN)/python -m lakewarden.generate.editor_schemas
GENERATE_SCENARIO_PAGE := $(BIN)/python -m tests.scenarios page
# Its path; gets it where there is none. Needs nothing but OPA_NEEDS, so it runs while pip installs.
OPA := PYTHONPATH=collector:runner $(BIN)/python -m lakewarden.engines.install
OPA_NEEDS := certifi|charset-normalizer|filelock|idna|msgspec|requests|urllib3
ACTIONLINT := 1.7.12
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml

##@ The two commands

.PHONY: evaluate
evaluate: ## Evaluate SOURCE (default: the demo lakehouse); ARGS='…' adds options
	@SECONDS=0; $(SET_UP) runtime opa; setup=$$SECONDS; mkdir -p '$(REPORTS)'; code=0; \
	$(BIN)/lakewarden evaluate --source '$(or $(SOURCE),demo)' \
		$(if $(SOURCE),,--no-gate) \
		--report 'json=$(REPORTS)/report.json' --report 'html=$(REPORTS)/report.html' \
		$(ARGS) || code=$$?; \
	case $$code in \
		0) ;; \
		1) echo "lakewarden exited 1: a mandatory policy failed" ;; \
		2) echo "lakewarden exited 2: usage or configuration error" ;; \
		3) echo "lakewarden exited 3: the run is incomplete" ;; \
		4) echo "lakewarden exited 4: the collector or the engine failed" ;; \
		130) echo "lakewarden exited 130: interrupted" ;; \
		143) echo "lakewarden exited 143: terminated" ;; \
		*) echo "lakewarden exited $$code" ;; \
	esac >&2; \
	(( setup < 10 )) || $(SAY) "That took $$SECONDS s, $$setup of them for what is set up once" >&2; \
	exit $$code

.PHONY: test
test: ## Run the tests; ARGS='…' goes to pytest
	@$(SET_UP) tools
	@$(SAY) 'Running the tests'
	@LAKEWARDEN_OPA="$$($(OPA))" $(BIN)/python -m pytest \
		--numprocesses 2 -m 'not nightly' --durations 20 $(ARGS)

.PHONY: test-nightly
test-nightly: develop opa test-system jars ## Run what takes minutes and rarely breaks; ARGS='…' goes to pytest
	@$(SAY) 'Running the nightly tests'
	@LAKEWARDEN_OPA="$$($(OPA))" $(BIN)/python -m pytest -m nightly $(ARGS)

##@ Scenarios

SCENARIO ?=
LAYER ?= all
MODE ?= normal
TABLES_IN ?=
PREVIOUS ?=

.PHONY: test-scenario
test-scenario: develop opa $(if $(filter integration all,$(LAYER)),test-system jars) ## Run a SCENARIO's tests: LAYER=unit, integration, production or all; MODE=normal, debug or failfast
	@LAKEWARDEN_OPA="$$($(OPA))" $(BIN)/python -m tests.scenarios run \
		'$(SCENARIO)' '$(LAYER)' --mode '$(MODE)' --source '$(or $(SOURCE),demo)' \
		--tables-in '$(TABLES_IN)' --previous '$(PREVIOUS)' -- $(ARGS)

.PHONY: list-scenarios
list-scenarios: develop ## List the scenarios with their tests
	@$(BIN)/python -m tests.scenarios list

.PHONY: sabotage
sabotage: develop opa test-system jars ## Break the rule about small tables on purpose: does each layer notice?
	@LAKEWARDEN_OPA="$$($(OPA))" $(BIN)/python -m tests.scenarios.sabotage $(ARGS)

##@ Working on Lakewarden

.PHONY: lint
lint: ## Check style, types, layers, Rego and generated files
	@$(SET_UP) develop opa
	@$(MAKE) --no-print-directory --jobs 2 regal lint-python lint-rego lint-generated

.PHONY: lint-python
lint-python: develop
	@$(SAY) 'Checking the Python'
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.PHONY: lint-rego
lint-rego: runtime opa regal
	@$(SAY) 'Checking the Rego'
	@"$$($(OPA))" fmt --fail --list runner
	@regal=$$(< .tools/regal); \
	PATH="$${regal:+$${regal%/*}:}$$PATH" $(BIN)/lakewarden policies test policies

.PHONY: regal
regal: # Builds the pinned Regal, once; without Go or its modules, the policies are linted without it
	@mkdir -p .tools; .regal/tool/build >.tools/regal 2>.tools/regal.log || \
		echo "Linting without the pinned Regal: $$(< .tools/regal.log)" >&2

.PHONY: lint-generated
lint-generated: develop opa
	@$(SAY) 'Checking the generated files'
	@$(GENERATE_SCHEMAS) --check
	@$(GENERATE_REPORT_SCHEMA) --check
	@$(GENERATE_DOCUMENT_PAGE) --check
	@$(GENERATE_HISTORY_PAGE) --check
	@$(GENERATE_POLICY_PAGES) --check
	@$(GENERATE_EVIDENCE_PAGE) --check
	@$(GENERATE_EDITOR_SCHEMAS) --check
	@$(GENERATE_SCENARIO_PAGE) --check

.PHONY: generate
generate: develop opa ## Write all generated files: schemas and docs
	@$(GENERATE_SCHEMAS)
	@$(GENERATE_REPORT_SCHEMA)
	@$(GENERATE_DOCUMENT_PAGE)
	@$(GENERATE_HISTORY_PAGE)
	@$(GENERATE_POLICY_PAGES)
	@$(GENERATE_EVIDENCE_PAGE)
	@$(GENERATE_EDITOR_SCHEMAS)
	@$(GENERATE_SCENARIO_PAGE)

.PHONY: dbt
dbt: .tools/dbt/bin/dbt ## Install dbt for its nightly tests, in an environment of its own (520 MB)

.tools/dbt/bin/dbt:
	@$(PYTHON) -m venv .tools/dbt
	@.tools/dbt/bin/python -m pip install --disable-pip-version-check --quiet \
		'dbt-core>=1.11,<1.12' 'dbt-databricks==1.12.*'

.PHONY: terraform-provider
terraform-provider: .tools/terraform/terraform-provider-databricks ## Build the Databricks provider of Terraform, for the nightly tests of plans

.tools/terraform/terraform-provider-databricks: tests/support/terraform/provider/go.mod
	@cd tests/support/terraform/provider && go build -mod=readonly -buildvcs=false -trimpath \
		-o '$(CURDIR)/$@' github.com/databricks/terraform-provider-databricks

.PHONY: bundle-schema
bundle-schema: .tools/databricks/bundle-schema.json ## Get the schema of Databricks Asset Bundles, for the test of deploy/bundle

.tools/databricks/bundle-schema.json:
	@mkdir -p $(@D); if command -v databricks >/dev/null; then databricks bundle schema >$@; \
	else curl --fail --silent --show-error --location --output $@ \
		https://raw.githubusercontent.com/databricks/cli/v1.13.0/bundle/schema/jsonschema.json; fi

SARIF_MULTITOOL := @microsoft/sarif-multitool-linux@5.7.0

.PHONY: sarif-multitool
sarif-multitool: .tools/sarif/package/Sarif.Multitool ## Get the SARIF Multitool, by npm, for the test that validates SARIF (104 MB)

.tools/sarif/package/Sarif.Multitool:
	@command -v npm >/dev/null || { echo "The SARIF Multitool comes by npm, which isn't here" >&2; exit 1; }
	@mkdir -p .tools/sarif; cd .tools/sarif; file=$$(npm pack --silent '$(SARIF_MULTITOOL)'); \
	echo "27d8e3e96dde578a23b7c45035b8d741fece5731e2700aa068015b8c44d1514e  $$file" | \
		sha256sum --check --quiet; \
	tar -xzf "$$file"; rm "$$file"; chmod u+x package/Sarif.Multitool

.PHONY: peers
peers: .tools/peers/conftest .tools/peers/checkov/bin/checkov ## Install Conftest (by Go) and Checkov, with which docs/ compares (400 MB)

.tools/peers/conftest:
	@command -v go >/dev/null || { echo "Conftest is built by Go, which isn't here" >&2; exit 1; }
	@GOBIN='$(CURDIR)/.tools/peers' CGO_ENABLED=0 \
		go install -trimpath github.com/open-policy-agent/conftest@v0.71.1

.tools/peers/checkov/bin/checkov:
	@$(PYTHON) -m venv .tools/peers/checkov
	@.tools/peers/checkov/bin/python -m pip install --disable-pip-version-check --quiet \
		'checkov==3.3.30'

TAG ?=

.PHONY: release-check
release-check: develop opa ## Do all of a release but publish it; TAG=v1.2.3 is held against version and changelog
	@LAKEWARDEN_OPA="$$($(OPA))" .ci/release-check $(if $(TAG),'$(TAG)')

.PHONY: fmt
fmt: develop opa ## Format the Python and the Rego
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .
	@"$$($(OPA))" fmt --write policies

.PHONY: new-policy
new-policy: runtime ## Start a policy: NAME=domain.policy
	@$(BIN)/lakewarden policies new '$(NAME)' $(ARGS)

.PHONY: test-policies
test-policies: runtime opa ## Test the Rego: format, types, tests, coverage, conventions
	@$(BIN)/lakewarden policies test $(ARGS)

.PHONY: watch
watch: runtime opa ## Show what each edit of a policy, setting or waiver flips for SOURCE (the demo)
	@$(BIN)/lakewarden watch --source '$(or $(SOURCE),demo)' $(ARGS)

.PHONY: demo
demo: runtime ## Make the demo lakehouse and print where it is
	@$(BIN)/lakewarden demo $(ARGS)

.PHONY: screenshots
screenshots: develop evaluate ## Take the pictures of the demo's HTML report in docs/images/
	@$(BIN)/python -m tests.integration.browser.screenshots '$(REPORTS)/report.json' docs/images

.PHONY: bench
bench: develop opa ## Measure throughput, or WHAT=overrides, watch, what_if, history, governance, html, delta or estate; takes some minutes
	@$(BIN)/python -m benchmarks.$(or $(WHAT),throughput) $(ARGS)

.PHONY: mutate
mutate: develop opa ## Change the Rego bit by bit and see whether its tests notice; ARGS='folder' for a part
	@$(BIN)/python -m benchmarks.mutation $(ARGS)

.PHONY: clean
clean: ## Remove what the other targets made in this checkout
	rm -rf .venv .tools reports dist build .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache spark-warehouse

##@ OPA

OPA_PORT ?= 8181
OPA_ENV := .tools/opa.env
OPA_BACKGROUND := $(BIN)/python -m lakewarden.engines.opa.background
COMPOSE := OPA_PORT='$(OPA_PORT)' docker compose --env-file $(OPA_ENV)

.PHONY: opa-up
opa-up: opa ## Start an OPA server with the policies, in Docker where it is, else in the background
	@mkdir -p .tools; if docker info >/dev/null 2>&1; then \
		umask 077; test -s $(OPA_ENV) || { \
			echo "OPA_TOKEN=$$($(BIN)/python -c 'import secrets; print(secrets.token_hex(32))')"; \
			echo 'OPA_URL=http://127.0.0.1:$(OPA_PORT)'; \
		} > $(OPA_ENV); \
		$(COMPOSE) up --detach --wait; \
	else \
		$(SAY) 'No Docker engine here: starting OPA in the background'; \
		$(OPA_BACKGROUND) up .tools policies; \
	fi
	@echo "To use it: set -a; . ./$(OPA_ENV); set +a"

.PHONY: opa-down
opa-down: runtime ## End what opa-up started
	@if docker info >/dev/null 2>&1 && test ! -f .tools/opa-server.json; then \
		if test -f $(OPA_ENV); then $(COMPOSE) down; rm -f $(OPA_ENV); \
		else echo "Nothing runs here"; fi; \
	else $(OPA_BACKGROUND) down .tools; fi

.PHONY: tools
tools: develop opa test-system jars actionlint ## Install OPA, Java, Chromium, actionlint and the Delta jars

##@ Set-up, done by the targets above

.PHONY: runtime
runtime: .venv/.runtime ## Create .venv with what running needs

.PHONY: develop
develop: .venv/.develop ## Add what developing needs

.PHONY: opa
opa: .venv/.installer ## Find OPA, or get the pinned one
	@$(OPA) >/dev/null

.PHONY: lock
lock: develop ## Resolve the dependencies and lock them
	@$(UV_COMPILE) --extra embedded --extra sign --group build -o requirements.lock
	@$(UV_COMPILE) --extra embedded --extra sign --group dev -c requirements.lock -o requirements-dev.lock

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Lakewarden needs Python 3.11 or newer" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Lakewarden needs Python 3.11 or newer; try make PYTHON=python3.12" >&2; exit 1; }
	@$(SAY) 'Creating a virtual environment in .venv'
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "Python has no venv module; on Debian: apt-get install python3-venv" >&2; exit 1; }

.venv/.installer: requirements.lock | .venv/bin/python
	@awk '/^[a-z]/ { keep = /^($(OPA_NEEDS))==/ } keep' $< > $@.lock
	@$(PIP) --quiet --no-deps -r $@.lock
	@touch $@

.venv/.runtime: requirements.lock pyproject.toml .venv/.installer
	@$(SAY) 'Installing the locked dependencies (about 130 MB)'
	@$(PIP) -r requirements.lock | $(MEGABYTES)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation --editable .
	@touch $@

.venv/.develop: requirements-dev.lock .venv/.runtime
	@$(SAY) 'Installing what developing needs, Spark included (about half a gigabyte)'
	@$(PIP) -r requirements-dev.lock | $(MEGABYTES)
	@touch $@

.PHONY: test-system
test-system: ## Install Java, Chromium and docker-compose for the tests, where apt-get can
	@missing=(); \
	command -v java >/dev/null || missing+=(openjdk-17-jre-headless); \
	command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium); \
	docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || \
		missing+=(docker-compose); \
	if (( $${#missing[@]} )); then \
		if command -v apt-get >/dev/null && [[ $$(id -u) == 0 ]]; then \
			$(SAY) "Installing $${missing[*]} for the tests"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
				apt-get install -y -qq --no-install-recommends "$${missing[@]}" >/dev/null; \
		else \
			echo "Not installed, tests that need them are skipped: $${missing[*]}" >&2; \
		fi; \
	fi

.PHONY: jars
jars: develop ## Fetch the two Delta jars that Spark needs in the tests
	@$(BIN)/python -m tests.integration.spark.jars

.PHONY: actionlint
actionlint: .tools/actionlint/$(ACTIONLINT)/actionlint # Without Go or its module, its test is skipped

.tools/actionlint/$(ACTIONLINT)/actionlint:
	@mkdir -p .tools/actionlint; GOBIN='$(CURDIR)/$(@D)' \
		go install 'github.com/rhysd/actionlint/cmd/actionlint@v$(ACTIONLINT)' 2>.tools/actionlint.log || \
		echo "Not installed, its test is skipped: actionlint ($$(tail -n 1 .tools/actionlint.log))" >&2

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z][a-z-]*:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile
