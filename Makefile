# sarcoma-kg: every task of the project. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help run test test-pythons check bench shacl-differential engines fair release live house notebook mappings lock proofs clean

help: ## list the tasks
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

$(STAMP): .ci/requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing pinned dependencies into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .ci/requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src
	@touch $@

run: $(STAMP) ## build the graph, reason, validate, answer all questions, show one answer with its provenance
	@$(BIN)/sarcoma-kg build
	@$(BIN)/sarcoma-kg tour

test: $(STAMP) ## the tests; those that take long, or need other programs, are in `make proofs`
	@$(BIN)/python -m compileall -q src  # or each command that is begun compiles what changed
	@$(BIN)/python -m pytest -n auto --maxprocesses=4 --dist loadfile --durations=10 -m "not others and not slow" $(ARGS)

test-pythons: $(STAMP) ## `make run` and a quick part of the tests on each of PYTHONS="3.12 3.13"
	@$(BIN)/python -m tests.pythons $(PYTHONS)

check: $(STAMP) ## lint and types
	@$(BIN)/ruff check src tests
	@$(BIN)/ruff format --check src tests
	@$(BIN)/mypy

bench: $(STAMP) ## speed, as ratios against bare pyoxigraph and rdflib in one run
	@$(BIN)/python -m compileall -q src
	@$(BIN)/python -m tests.benchmarks

bench-%: $(STAMP) ## of a part against its peers: ingest, publish, serve, shacl; the whole takes minutes to hours (ARGS="--sizes 1k,10k")
	@$(BIN)/python -m tests.benchmarks.$* $(ARGS)

shacl-differential: $(STAMP) ## 50,000 generated pairs of shapes and data through three validators
	@$(BIN)/python -W ignore -m tests.shacl.differential --pairs 50000 --seed 1 $(ARGS)

engines: $(STAMP) $(VENV)/comunica/node_modules ## all questions and shapes on every engine; writes docs/engines.md (ARGS=--check compares)
	@$(BIN)/python -m tests.engines $(ARGS)

$(VENV)/comunica/node_modules: tests/stores/comunica/package.json
	@command -v npm >/dev/null || { echo "Comunica needs Node.js 20 and npm" >&2; exit 2; }
	@mkdir -p $(@D) && cp $< $(@D)/
	@npm install --prefix $(@D) --no-audit --no-fund --no-package-lock --ignore-scripts --silent
	@touch $@

release: $(STAMP) ## check everything, then write a release to dist/; refuses uncommitted changes
	@test -z "$$(git status --porcelain)" || { echo "there are uncommitted changes: commit or stash them (git status)" >&2; exit 2; }
	@$(BIN)/sarcoma-kg build
	@$(BIN)/sarcoma-kg check
	@mkdir -p dist && cd dist && ../$(BIN)/sarcoma-kg publish

live: $(STAMP) .venv/live ## a release whose question pages answer in the browser, to dist/live
	@$(BIN)/sarcoma-kg build
	@mkdir -p dist && $(BIN)/sarcoma-kg publish dist/live --live $(VENV)/live/oxigraph-0.5.11.tgz

$(VENV)/live:
	@command -v npm >/dev/null || { echo "the engine is an npm package; this needs npm" >&2; exit 2; }
	@mkdir -p $@.part && npm pack --silent --pack-destination $@.part oxigraph@0.5.11 >/dev/null && mv $@.part $@

fair: $(STAMP) ## how FAIR the packaged ontology is, or a release (RELEASE=DIR): offline tests of FOOPS! and OBO
	@$(BIN)/sarcoma-kg fair --format table $(RELEASE) $(ARGS)

proofs: $(STAMP) $(VENV)/tools/.installed $(VENV)/comunica/node_modules ## tests that take long, and those in which other people's engines and tools read what we write (installed into .venv)
	@$(BIN)/python -m pytest -n auto --maxprocesses=4 --dist loadfile -m "others or slow" $(ARGS)

$(VENV)/tools/.installed: tests/tools/requirements.txt tests/tools/without-dependencies.txt
	@test -x $(VENV)/tools/bin/python || $(PYTHON) -m venv $(VENV)/tools
	@$(VENV)/tools/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@$(VENV)/tools/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r tests/tools/without-dependencies.txt
	@touch $@

house: $(STAMP) ## draw the picture of the rooms in CONTRIBUTING from the imports
	@$(BIN)/python -m tests.house

notebook: $(STAMP) ## run docs/start.ipynb and keep what it shows
	@$(BIN)/python -m tests.notebook

mappings: $(STAMP) ## rewrite ontology/mappings/mappings.ttl from the SSSOM tables
	@$(BIN)/python -m sarcoma_kg.reading.sssom

lock: $(STAMP) ## pin all dependencies with hashes (no index addresses)
	@$(BIN)/python -m pip install --quiet uv && $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group dev --quiet pyproject.toml -o .ci/requirements.txt

clean: ## remove the environment and caches in this folder
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
