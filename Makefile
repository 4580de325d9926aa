# presence-bridge: `make` or `make help` lists what there is.

PORT ?= 1883
# Where `make demo` serves the page.
WEB_PORT ?= 8083
# `make run PLUGIN=1` starts a broker with the plugin.
PLUGIN ?=
# `make run STORE=postgresql` keeps everything in a PostgreSQL of its own.
STORE ?=
PREFIX ?= /usr/local
DESTDIR ?=
# Where `make install` takes what was built from, and the man pages and completions.
BUILD ?= .build/release
MANUAL ?= .build/manual
# The revision of the packages that `make deb` builds.
REVISION ?= 1
# How long `make chaos`, `make cluster` and `make fuzz` go on, and from which seed.
SECONDS ?=
SEED ?=
# Which seeds `make simulate` plays.
SEEDS ?= 10000
FROM ?= 1
# With which commit `make traces` compares.
COMMIT ?= HEAD
# On which brokers `make brokers` plays; all of them when empty.
BROKERS ?=
# What `make bench` is told, as --quick, or --against and the path of another build of the bridge.
ARGUMENTS ?=
# Swift's own libraries are linked in: what is installed needs Debian packages only.
RELEASE_FLAGS ?= --static-swift-stdlib

INSTALL := PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) BUILD=$(BUILD) MANUAL=$(MANUAL) UNITDIR=$(UNITDIR) \
	PLUGINDIR=$(PLUGINDIR) ZSHDIR=$(ZSHDIR) scripts/install.sh

SWIFT_SOURCES := Sources Tests Benchmarks Package.swift examples
SCRIPTS := .ci/run $(wildcard scripts/*.sh scripts/*/*.sh examples/*.sh examples/*/*.sh)

# A word that is not known is told before anything is built.
ifneq ($(filter run demo,$(MAKECMDGOALS)),)
ifneq ($(filter-out postgresql,$(STORE)),)
$(error STORE=$(STORE) is no store: postgresql, or nothing for SQLite)
endif
endif

.PHONY: help run demo web walkthrough build plugin plugin-check bench brokers test counts simulate traces chaos cluster fuzz mutations sanitize check format manual install uninstall deb deb-check clean

help: ## Lists the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  make run PORT=1884 uses another port, PLUGIN=1 the plugin, STORE=postgresql a PostgreSQL of its own;"
	@echo "  make install PREFIX=/opt/presence another place."
	@echo "  make test MOSQUITTO=/path/to/mosquitto takes that broker, with the programs beside it, instead of the one on the"
	@echo "  PATH; LD_LIBRARY_PATH=/path/to/lib its libmosquitto. So do run, demo, bench, chaos, cluster and plugin-check."

run: build $(if $(PLUGIN),plugin) ## Starts mosquitto and the bridge with demo users; Ctrl-C ends both
	@scripts/install-packages.sh run $(STORE)
	@PORT=$(PORT) PLUGIN=$(PLUGIN) STORE=$(STORE) scripts/run.sh

demo: build web ## Starts all of it and serves a page that shows who is online; Ctrl-C ends it
	@scripts/install-packages.sh run $(STORE)
	@PORT=$(PORT) WEB_PORT=$(WEB_PORT) STORE=$(STORE) scripts/run.sh

web: ## Makes examples/web/bundle.js, the script of the page
	@scripts/install-packages.sh web
	@scripts/bundle-web.sh

walkthrough: ## Plays a scene against a running `make run`
	@PRESENCE_PORT=$(PORT) examples/walkthrough.sh

build: ## Builds the bridge and the command line: .build/release/presence-bridge, presence
	@scripts/install-packages.sh build
	swift build -c release $(RELEASE_FLAGS) --product presence-bridge
	swift build -c release $(RELEASE_FLAGS) --product presence
	@$(MAKE) --no-print-directory manual BUILD=.build/release

# Without Foundation, and with Swift's own libraries in it (see Package.swift).
plugin: ## Builds the plugin for mosquitto: .build/release/libPresencePlugin.so
	@scripts/install-packages.sh build
	swift build -c release --product PresencePlugin

plugin-check: plugin ## Runs mosquitto with the plugin under valgrind, and every integration test with it
	@scripts/install-packages.sh run
	@scripts/check-plugin.sh

bench: ## Measures the bridge beside its yardsticks; ARGUMENTS="--against PATH", "--quick", "--json FILE", "2 3"
	@scripts/install-packages.sh build run
	swift build -c release --product presence-bridge
	swift build -c release --product PresencePlugin
	swift build -c release --product presence-bench
	@.build/release/presence-bench $(ARGUMENTS)

simulate: ## Plays SEEDS=10000 seeds of the simulated world; FROM=n begins elsewhere
	@scripts/install-packages.sh build
	swift build -c release --product simulate
	@.build/release/simulate --seeds $(SEEDS) --from $(FROM)
	@.build/release/simulate --adopted --seeds $$(( $(SEEDS) / 5 )) --from $(FROM)
	@.build/release/simulate --shared --seeds $$(( $(SEEDS) / 5 )) --from $(FROM)

# COMMIT=abc1234 compares with that commit, SEEDS=100 fewer of them.
traces: ## Shows whether 500 seeds of the simulated world play as they did at COMMIT=HEAD
	@scripts/install-packages.sh build
	@SEEDS=$(if $(filter file,$(origin SEEDS)),500,$(SEEDS)) FROM=$(FROM) scripts/compare-traces.sh $(COMMIT)

# Kills, stops and starves the bridge as it is shipped, and a real mosquitto, for so many seconds.
chaos: build ## Plays chaos for SECONDS=600; SEED=n repeats what was done in another run
	@scripts/install-packages.sh build run
	swift build --build-tests
	@CHAOS_SECONDS=$(or $(SECONDS),600) CHAOS_SEED=$(SEED) CHAOS_BRIDGE=$(CURDIR)/.build/release/presence-bridge \
		swift test --skip-build --filter ChaosTests --skip ClusterTests

# The same with a real PostgreSQL that three bridges share.
cluster: build ## Plays chaos among three bridges on one PostgreSQL for SECONDS=600; SEED=n repeats a run
	@scripts/install-packages.sh build run postgresql
	swift build --build-tests
	@CHAOS_SECONDS=$(or $(SECONDS),600) CHAOS_SEED=$(SEED) CHAOS_BRIDGE=$(CURDIR)/.build/release/presence-bridge \
		swift test --skip-build --filter ClusterTests

# BROKERS="mosquitto nats" plays on these alone.
brokers: build ## Plays the README's tour on mosquitto, ejabberd, RabbitMQ and nats-server: docs/brokers.md
	@scripts/install-packages.sh run brokers
	@scripts/brokers.sh $(BROKERS)

# A copy of the sources is broken and built again and again, in .build/mutations.
mutations: ## Breaks the bridge on purpose, and shows that the tests notice: docs/mutations.md
	@scripts/install-packages.sh build
	@scripts/mutate.sh

# The output of the test runner is the last thing printed. In five parts, since those that speak to
# a real broker measure time, and must not wait for browsers, for other people's programs, for hundreds of
# simulated worlds, or for more brokers and bridges than a small machine can run at once.
test: ## Installs what is missing, checks the style, builds, and runs every test
	@scripts/install-packages.sh build run test
	@scripts/install-packages.sh web || echo "Goes on without: tests in JavaScript are skipped" >&2
	@scripts/install-packages.sh counts || echo "Goes on without: instructions are not counted" >&2
	@scripts/install-packages.sh browser || echo "Goes on without: tests in a browser are skipped" >&2
	@scripts/fetch-prometheus.sh || echo "Goes on without: alerts and dashboard are not tested" >&2
	swift format lint --strict -r $(SWIFT_SOURCES)
	swift build -c release --product core-counts
	swift build --build-tests
	@swift test --skip-build --filter WebTests
	@SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=16 swift test --skip-build --filter IntegrationTests --skip ProgramTests
	@swift test --skip-build --filter ProgramTests
	@swift test --skip-build --filter ClusterTests
	@swift test --skip-build --skip 'WebTests|IntegrationTests|ClusterTests'

# What `make test` compares with, within a tenth.
counts: ## Takes down how many instructions the core's hot paths take, when a change of that is meant
	@scripts/install-packages.sh build counts
	swift build -c release --product core-counts
	@scripts/counts.sh >Tests/CountsTests/counts.new
	@mv Tests/CountsTests/counts.new Tests/CountsTests/counts.txt
	@git diff --stat -- Tests/CountsTests/counts.txt

fuzz: ## Feeds mutated inputs to everything that reads for SECONDS=60; what breaks a rule becomes a case
	@scripts/install-packages.sh build
	swift build -c release --product fuzz
	@.build/release/fuzz --seconds $(or $(SECONDS),60) --cases Tests/FuzzTests/Cases

sanitize: ## Runs tests under AddressSanitizer and ThreadSanitizer; the first time takes many minutes
	@scripts/install-packages.sh build run
	@scripts/sanitize.sh

check: ## Checks the style of the sources and scripts, without building
	swift format lint --strict -r $(SWIFT_SOURCES)
	@for script in $(SCRIPTS); do bash -n "$$script" || exit 1; done
	@if command -v shellcheck >/dev/null; then shellcheck -x $(SCRIPTS); \
	else echo "shellcheck is not installed: scripts were only parsed"; fi

format: ## Formats the Swift sources in place
	swift format -i -r $(SWIFT_SOURCES)

# Man pages and completions, from the programs' own --help; `make build` makes them.
manual:
	@scripts/install-packages.sh manual
	@scripts/make-manual.py $(BUILD) $(MANUAL)

# Builds nothing, so that it can run as root: make build && sudo make install
install: ## Installs what `make build` and `make plugin` built, with a systemd unit, below PREFIX
	@$(INSTALL) install

uninstall: ## Removes what `make install` installed, and says what is left
	@$(INSTALL) uninstall

# REVISION=2 for packages that differ though the bridge does not.
deb: build plugin ## Builds Debian packages of the bridge and of the plugin: .build/deb/*.deb
	@scripts/install-packages.sh deb
	@REVISION=$(REVISION) scripts/build-deb.sh

deb-check: deb ## Installs, runs, upgrades and purges these packages in a small Debian of their own; as root
	@scripts/install-packages.sh deb-check
	@scripts/check-deb.sh

clean: ## Removes what was built, and run/ with the files of the demo's broker and PostgreSQL
	@scripts/postgresql.sh remove run/postgresql
	rm -rf .build run examples/web/bundle.js
