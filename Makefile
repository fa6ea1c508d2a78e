# Every target brings its own environment; see README.md.
UV := $(shell command -v uv 2>/dev/null || echo .bootstrap/bin/uv)
RUN := $(UV) run --frozen
PYTHON ?= python3
# Many tests wait for something: one more at a time than there are processors.
WORKERS := $(shell echo $$(( $$(nproc 2>/dev/null || echo 2) + 1 )))

.PHONY: run test check format bench bench-notify bench-poll setup system-packages npm-readers clean

run: setup ## Run Feedbell on the sample site and serve its feeds; make run ARGS="--port 8001"
	$(RUN) feedbell --config sample/feedbell.toml run $(ARGS)

test: setup system-packages npm-readers ## Run the tests
	$(RUN) pytest -n $(WORKERS)

check: setup system-packages npm-readers ## What CI runs: format, lint, types, import rules, tests
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) lint-imports
	$(RUN) pytest -n $(WORKERS)

format: setup ## Put the code in form
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

bench: setup ## Measure, beside Hugo
	$(RUN) python -m bench

bench-notify: setup ## Measure deliveries, beside Celery and dramatiq; make bench-notify ARGS=--quick
	@sh bench/notify/system-packages.sh || true
	@UV=$(UV) $(RUN) python -m bench.notify $(ARGS)

bench-poll: setup ## Measure polling, beside reader; make bench-poll ARGS=--quick
	@$(RUN) python -m bench.poll $(ARGS)

setup: $(filter .bootstrap/bin/uv,$(UV))
	@$(UV) sync --frozen --quiet

.bootstrap/bin/uv:
	$(PYTHON) -m venv .bootstrap
	.bootstrap/bin/pip install --quiet --disable-pip-version-check uv

system-packages:
	@sh tests/support/system-packages.sh

npm-readers: tests/support/npm/node_modules/.package-lock.json

tests/support/npm/node_modules/.package-lock.json: tests/support/npm/package-lock.json | system-packages
	@cd tests/support/npm && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

clean:
	rm -rf .venv .bootstrap .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache sample/_feedbell sample/.feedbell tests/support/npm/node_modules
