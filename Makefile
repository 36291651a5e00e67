# Everything a person does with this project; each target makes what it needs first.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

# What Debian has to have for the whole suite: the domain controller, LDAP's tools, what signs commits, and headers
# for gssapi.
PACKAGES := samba-ad-dc samba-ad-provision ldb-tools ldap-utils krb5-user python3-markdown openssl \
            gnupg openssh-client gcc libkrb5-dev python3-dev

.PHONY: help env packages demo test lint types contracts workflows suite demo-lab lab lab-stop bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

env: $(STAMP) ## the environment, in .venv/

# The pinned set is checked hash by hash. gssapi alone is compiled, and only the suite needs it.
$(STAMP): constraints.txt pyproject.toml
	@tools/make-env "$(PYTHON)" runtime

demo: env ## the main job on a throwaway repository, told as a story
	@$(BIN)/cuentas demo

packages: ## Debian's packages for the suite (installs them as root, else says which)
	@tools/packages $(PACKAGES)

.venv/.installed-dev: constraints.txt pyproject.toml | packages
	@tools/make-env "$(PYTHON)" dev

test: packages .venv/.installed-dev lint types contracts workflows suite ## linters, types, import contracts and the whole suite

lint:
	@echo "== ruff"
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	@echo "== mypy"
	$(BIN)/mypy

contracts:
	@echo "== import-linter"
	$(BIN)/lint-imports

# Both ask nobody: rules and schemas are in the tools themselves.
workflows:
	@echo "== zizmor and check-jsonschema"
	$(BIN)/zizmor --offline --quiet --persona pedantic --strict-collection .github
	check() { $(BIN)/check-jsonschema --builtin-schema "$$@" ; }
	check vendor.github-workflows .github/workflows/*.yml
	check custom.github-workflows-require-timeout .github/workflows/*.yml
	check vendor.github-actions .github/actions/*/action.yml
	check vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	check vendor.github-issue-forms .github/ISSUE_TEMPLATE/{alta,baja}.yml

# Two halves at a time, for two cores: commands by themselves, and everything else, whose laboratory is one for all.
# What is written has to be durable, write by write: in memory, where there is room, it waits for no disk.
suite:
	@echo "== pytest: the commands, and at the same time everything else (shown at the end)"
	memory= ; commands= ; rest=
	if [ "$$(df --output=avail -m /dev/shm 2>/dev/null | tail -n 1)" -gt 4096 ] 2>/dev/null
	then memory=$$(mktemp -d /dev/shm/cuentas.XXXXXXXX) ; commands="--basetemp=$$memory/commands" ; rest="--basetemp=$$memory/rest" ; fi
	$(BIN)/python -m pytest -m "lab or not cli" --durations=15 $$rest >.suite.log 2>&1 & others=$$!
	trap 'kill $$others 2>/dev/null || true ; [ -z "$$memory" ] || rm -rf "$$memory"' EXIT
	failed=0 ; $(BIN)/python -m pytest -m "cli and not lab" --durations=15 $$commands || failed=$$?
	wait $$others || failed=$$?
	cat .suite.log
	exit $$failed

demo-lab: packages .venv/.installed-dev ## the same story against a real domain controller and an Exchange of the lab
	@$(BIN)/python -m tests.lab.demo

lab: packages .venv/.installed-dev ## domain controller, Exchange and mail that stay up; «make lab-stop» stops them
	@$(BIN)/python -m tests.lab start

lab-stop: ## stop it
	@if [ -x $(BIN)/python ] && [ -d .lab ]; then $(BIN)/python -m tests.lab stop; else echo "No hay nada que detener."; fi

bench: packages .venv/.installed-dev ## benchmarks beside references of the same run
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench.exchange
	@$(BIN)/python -m bench.long

clean: lab-stop ## stop the lab and remove what the targets above made
	rm -rf .suite.log .venv .demo .demo-lab .lab .cuentas .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
