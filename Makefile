# The verbs of this repository, the same on a desk and in CI (.ci/run). `make` alone lists them.
# Each verb sets up what it needs, inside this folder: Python packages in .venv/, tools from npm in node_modules/.

# The first Python that is new enough; `make PYTHON=/path/to/python3 ...` names another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
# Filled where Node 20.19 or newer and npm are there. Node is optional at a desk and required in CI (CI=true).
NODE := $(shell node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' \
	2>/dev/null && command -v npm)
# The contracts: what is checked of one is checked of all.
CONTRACTS := openapi.yaml $(wildcard contracts/*.openapi.yaml)
# Scripts that write documents and clients from openapi.yaml: plain they write, with --check they fail on any difference.
# `make generate CONTRACT=FILE` has them read another document.
GENERATORS := docs/sources.py generated_clients/generate.py mock/node/control_types.py

BIN := .venv/bin
COMPILE = $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links pyproject.toml
# No package that is locked needs to run code to be installed (tests/contract/test_packaging.py), so none may. This is no setting of
# .npmrc: it would also keep `npm pack` from building what it packs.
NPM_CI := npm ci --ignore-scripts
say = @printf '%s\n'
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_ROOT_USER_ACTION := ignore
export REDOCLY_SUPPRESS_UPDATE_NOTICE := true
export REDOCLY_TELEMETRY := off

.DEFAULT_GOAL := help
.PHONY: help install check fix test test-fast generate serve demo bench bench-compare bench-detection lock node

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{ printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/.installed node ## set up .venv/ and, where Node is, node_modules/

check: .venv/.installed node ## judge code and contract without running them
	$(say) 'check: ruff format'
	@$(BIN)/ruff format --quiet --check . || { echo 'some files are not in our format: make fix'; exit 1; }
	$(say) 'check: ruff'
	@$(BIN)/ruff check --quiet .
	$(say) 'check: mypy, strict'
	@$(BIN)/mypy --no-error-summary
	$(say) 'check: the contracts are OpenAPI with extensions that they explain'
	@$(BIN)/twosignal-contract check $(CONTRACTS) >/dev/null
	@$(BIN)/openapi-spec-validator --validation-errors all $(CONTRACTS) >.venv/validator.txt 2>&1 || { cat .venv/validator.txt; exit 1; }
ifneq ($(NODE),)
	$(say) 'check: the contracts under a strict lint'
	@node_modules/.bin/redocly lint $(CONTRACTS)
endif
	$(say) 'check: who may import whom'
	@$(BIN)/lint-imports --no-cache --no-logo >.venv/imports.txt 2>&1 || { cat .venv/imports.txt; exit 1; }
	$(say) 'check: the engines name nothing of any API'
	@$(BIN)/pytest --quiet --numprocesses=0 tests/contract/test_words.py
	$(say) 'check: the mock carries out all that its contracts state'
	@$(BIN)/python -m twosignal_mock check
	$(say) 'check: the bench measures every filter of its contract'
	@$(BIN)/pytest --quiet --numprocesses=0 tests/bench/test_load.py
	$(say) 'check: generated documents and clients'
	@for generator in $(GENERATORS); do $(BIN)/python $$generator --check || exit 1; done
	$(say) 'check: the clients: mypy, tsc, gofmt, go vet, staticcheck'
	@$(BIN)/python generated_clients/check.py
ifneq ($(NODE),)
	$(say) 'check: the npm package of the mock: tsc'
	@cd mock/node && npm run --silent check
endif

fix: .venv/.installed ## put code into our format and repair what can be repaired
	@$(BIN)/ruff check --quiet --fix . || true
	@$(BIN)/ruff format --quiet .

test: .venv/.installed node ## run the tests; `make test ARGS='-k limits'` runs some
	@$(BIN)/pytest $(ARGS)

test-fast: .venv/.installed ## run the tests that are fast, in under two minutes; one that takes over ten seconds fails
	@$(BIN)/pytest --quiet -m 'not slow' --timeout 10 $(ARGS)

generate: .venv/.installed node ## write what comes out of openapi.yaml, or out of CONTRACT=FILE
	@for generator in $(GENERATORS); do echo "generate: $$generator"; \
		$(BIN)/python $$generator $(if $(CONTRACT),--contract '$(CONTRACT)') || exit 1; done

serve: .venv/.installed ## start the mock; `make serve ARGS='--port 0'` passes options on
	@$(BIN)/twosignal-mock serve $(ARGS)

demo: .venv/.installed ## the mock with a real client, and judged by the suite, in a minute
	@$(BIN)/python docs/demo/run.py

bench: .venv/.installed ## measure speed beside peers; QUICK=1 a few minutes, ONLY=health,list a part, ARGS=--help
	@$(BIN)/python -m bench $(if $(QUICK),--quick) $(if $(ONLY),--only '$(ONLY)') $(ARGS)

bench-compare: .venv/.installed ## measure speed against another revision: BASE=main, with QUICK, ONLY and ARGS as above
	@test -n '$(BASE)' || { echo 'name the revision to compare with: make bench-compare BASE=main'; exit 2; }
	@$(BIN)/python -m bench --base '$(BASE)' --no-install $(if $(QUICK),--quick) $(if $(ONLY),--only '$(ONLY)') $(ARGS)

bench-detection: .venv/.installed ## judge the judge; `make bench-detection ARGS=--help` tells how, and in parts
	@$(BIN)/python -m bench.detection $(ARGS)

lock: .venv/.installed ## pin all packages anew; `make lock ARGS=--upgrade` takes newer Python packages
	$(say) 'lock: requirements-dev.lock, and of it requirements.lock for what runs without us (Dockerfile)'
	@$(COMPILE) --group dev $(ARGS) --output-file requirements-dev.lock >/dev/null
	@$(COMPILE) --constraint requirements-dev.lock --no-annotate --output-file requirements.lock >/dev/null
	@$(COMPILE:pyproject.toml=bench/peers/requirements.in) --constraint requirements-dev.lock --no-annotate \
		--output-file bench/peers/requirements.lock >/dev/null
ifneq ($(NODE),)
	$(say) 'lock: bench/peers/'
	@cd bench/peers && npm install --package-lock-only --loglevel=error >/dev/null
	$(say) 'lock: package-lock.json'
	@npm install --package-lock-only --loglevel=error >/dev/null
	@cd $(TYPESCRIPT) && npm install --package-lock-only --loglevel=error >/dev/null
	@cd mock/node && npm install --package-lock-only --loglevel=error >/dev/null
endif

# A changed lock makes a new environment, so that nothing stays behind that the lock no longer names.
.venv/.locked: requirements-dev.lock
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed and was not found: install it, or name it with make PYTHON=/path/to/python3'; exit 1; }
	$(say) 'install: Python packages into .venv/, as locked'
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --require-hashes --requirement requirements-dev.lock
	@touch $@

.venv/.installed: .venv/.locked pyproject.toml hatch_build.py
	@$(BIN)/pip install --quiet --no-index --no-deps --no-build-isolation --editable .
	@touch $@

TYPESCRIPT := generated_clients/typescript
$(TYPESCRIPT)/node_modules/.installed: $(TYPESCRIPT)/package-lock.json $(TYPESCRIPT)/package.json $(TYPESCRIPT)/.npmrc
	$(say) 'install: tools of the TypeScript client, as locked'
	@cd $(TYPESCRIPT) && $(NPM_CI) --loglevel=error >/dev/null
	@touch $@

mock/node/node_modules/.installed: mock/node/package-lock.json mock/node/package.json mock/node/.npmrc
	$(say) 'install: tools of the npm package of the mock, as locked'
	@cd mock/node && $(NPM_CI) --loglevel=error >/dev/null
	@touch $@

node_modules/.installed: package-lock.json package.json .npmrc
	$(say) 'install: tools from npm into node_modules/, as locked'
	@$(NPM_CI) --loglevel=error >/dev/null
	@touch $@

ifneq ($(NODE),)
node: node_modules/.installed $(TYPESCRIPT)/node_modules/.installed mock/node/node_modules/.installed
else ifeq ($(CI),true)
node:
	$(say) 'Node 20.19 or newer with npm is needed in CI and was not found: install it'; exit 1
else
node:
	$(say) 'no Node 20.19 or newer with npm here: the lint of the contracts, the TypeScript client, the npm package of the mock and the tests with Prism and the Node exporter are skipped'
endif
