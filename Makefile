# The one front door. `make play` needs Python 3.11-3.13 and nothing else: uv is fetched when it is missing.
.DEFAULT_GOAL := help
# A uv that is too old for us counts as none.
UV := $(shell uv --version 2>/dev/null | awk '{split($$2, v, "."); exit !(v[1] > 0 || v[2] >= 9)}' && \
	command -v uv || echo .uv/bin/uv)
# The first that runs: version managers put commands on PATH that only say what is not installed.
PYTHON ?= $(shell for it in python3.13 python3.12 python3.11 python3; do \
	$$it -c 'import venv' 2>/dev/null && command -v $$it && break; done)

# A start compiles some thousand files: wherever the shell says to throw that away, it costs twice as much.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help play run check inbox test lint format bench chaos

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 10

play: $(UV) ## chat with the bot on a local page: no account, no token, no key
	@$(UV) run --quiet --frozen --no-dev python -m bot play $(ARGS)

run: $(UV) ## run the bot in Telegram, with the secrets of .env
	@$(UV) run --quiet --frozen --no-dev python -m bot run $(ARGS)

check: $(UV) ## look for mistakes in .env and prompts/
	@$(UV) run --quiet --frozen --no-dev python -m bot check $(ARGS)

inbox: $(UV) ## what waits, and what never could be answered: ARGS="list", "show ID", "replay ID", "drop ID", "bury --conversation=SLUG"
	@$(UV) run --quiet --frozen --no-dev python -m bot inbox $(ARGS)

test: $(UV) ## all tests, with branch coverage
	$(UV) run --frozen pytest -n 4 --dist worksteal --cov -m "not exhaustive and not chaos" $(ARGS) || test $$? -eq 5
	$(UV) run --frozen pytest -n 2 --dist worksteal -m exhaustive $(ARGS) || test $$? -eq 5

lint: $(UV) ## formatting, lint, types, directions of imports
	$(UV) run --frozen ruff format --check .
	$(UV) run --frozen ruff check .
	$(UV) run --frozen mypy
	$(UV) run --frozen lint-imports

format: $(UV) ## put the code in shape
	$(UV) run --frozen ruff format .
	$(UV) run --frozen ruff check --fix .

bench: $(UV) ## print what live replies cost and how soon they are seen, beside the ideal
	@$(UV) run --quiet --frozen python -m tests.bench

chaos: $(UV) ## kill replicas, Redis and the network, poison the bot, and count what is lost
	@$(UV) run --quiet --frozen python -m tests.chaos $(ARGS)

.uv/bin/uv:
	@$(PYTHON) -m venv .uv || { echo "Python's venv is missing; on Debian: apt install python3-venv"; rm -rf .uv; exit 1; }
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
