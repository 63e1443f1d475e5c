# Work on the template: try it, test it, refresh its pins and lockfiles. Start with `make help`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# CI and laptops have at least two cores.
WORKERS ?= 2
# Some tests only, by a part of their names: make test-docker ONLY=fastify
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(if $(ONLY),-k '$(ONLY)')
ENGINE := PYTHONPATH=tools $(BIN)/python -m engine
EVERY_IMAGE := --images all

.DEFAULT_GOAL := help
.PHONY: help demo test test-bake test-docker test-all mutants bench bench-lock lint fix pictures javascript refresh locks clean distclean

help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/ready ## Bake the default answers, build, run, fetch /, show sizes, clean up
	@$(ENGINE) run -- $(BIN)/python tools/demo.py

test: ## Lint, every test but the long ones, some mutants: as root on Linux (starts a private engine if none answers)
	@bash tools/timed.sh "lint" $(MAKE) --no-print-directory lint
	@bash tools/timed.sh "test-bake" $(MAKE) --no-print-directory test-bake
	@bash tools/timed.sh "test-docker" $(MAKE) --no-print-directory test-docker
	@bash tools/timed.sh "mutants" $(MAKE) --no-print-directory mutants SLICE=$(or $(SLICE),auto) ONLY=

test-bake: $(VENV)/ready ## The tests that need no Docker
	$(PYTEST) -m "not docker and not full"

test-docker: $(VENV)/ready ## The tests that build and run images
	$(ENGINE) run $(EVERY_IMAGE) -- $(PYTEST) -m "docker and not full"

test-all: $(VENV)/ready ## Also what takes hours and has changed since it last ran; or one part of it: PART=company
ifndef PART
	@$(MAKE) --no-print-directory test
endif
	@$(ENGINE) run $(EVERY_IMAGE) -- env PYTHONPATH=tests:tools WORKERS=$(WORKERS) $(BIN)/python -m parts $(PART)

mutants: $(VENV)/ready ## Break the template, one change at a time: each must fail its test (SLICE=n, ONLY=text)
	@$(ENGINE) run $(EVERY_IMAGE) -- env PYTHONPATH=tests $(BIN)/python -m mutants \
	  $(if $(SLICE),--slice $(SLICE)) $(if $(ONLY),--only '$(ONLY)')

bench: $(VENV)/ready ## Measure ours beside what a user would pick instead, within an hour (PHASES=start,load ROUNDS=6 ONLY=variants)
	$(ENGINE) run $(EVERY_IMAGE) -- env PYTHONPATH=tests:tools $(BIN)/python -m benchmarks \
	  $(if $(PHASES),--phases $(PHASES)) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(ONLY),--only $(ONLY))

bench-lock: $(VENV)/ready ## Lock the benchmark's real service anew
	$(ENGINE) run -- env PYTHONPATH=tests:tools $(BIN)/python -m benchmarks.lock

lint: $(VENV)/ready ## Check our own Python; changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy local_extensions.py extension hooks node_multi_stage tools tests benchmarks

fix: $(VENV)/ready ## Format our own Python and fix what ruff can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

javascript: $(VENV)/ready ## Write the JavaScript of templates/typescript, and of docs/recipes
	$(BIN)/python tools/javascript.py
	PYTHONPATH=tests:tools:. $(BIN)/python tools/recipe_pages.py

pictures: $(VENV)/ready ## Draw docs/pictures/terminal.svg again
	@$(ENGINE) run -- $(BIN)/python tools/pictures.py

refresh: $(VENV)/ready ## Raise every pin of the template to the newest version that it can use
	$(BIN)/python tools/refresh.py

locks: $(VENV)/ready ## Refresh every lockfile the template carries
	$(BIN)/python tools/locks.py

clean: ## Remove caches of the tools
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis

distclean: clean ## Also remove the virtual environment and the private engine with its images
	@[ ! -x $(BIN)/python ] || $(ENGINE) clean
	rm -rf $(VENV)

$(VENV)/ready: pyproject.toml tools/venv.sh
	@bash tools/venv.sh $(PYTHON) $(VENV)
