# Everything starts here; `make` alone lists what there is.
GO      ?= go
BUILD   := build
LDFLAGS := -s -w
TOOLS   := $(GO) tool -modfile=.config/tools.mod
# For the resident tray memory counts, not speed: no inlining, and the local API has no HTTP/2.
SMALL   := -tags nethttpomithttp2 -gcflags=all=-l
SYSTEMS := linux/amd64 linux/arm64 windows/amd64 windows/arm64 darwin/amd64 darwin/arm64
ARGS    ?=

.DEFAULT_GOAL := help
.PHONY: help setup build gui run scan test acceptance lint fix bench gallery package fuzz cross generate clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing, or say what to install
	@.ci/setup

build: setup ## build the programs into build/
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BUILD)/beagle ./cmd/beagle
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' $(SMALL) -o $(BUILD)/beagle-tray ./cmd/beagle-tray

gui: ## build the window too, which needs cgo and the headers of a display
	@.ci/setup gui
	CGO_ENABLED=1 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BUILD)/beagle-gui ./cmd/beagle-gui

run: build ## scan this machine and print what was found
	@$(BUILD)/beagle scan $(ARGS); code=$$?; \
	case $$code in 0) echo "(exit code 0: nothing prohibited)";; \
	1) echo "(exit code 1: something prohibited was found)";; \
	3) echo "(exit code 3: nothing prohibited, but not everything could be looked at)";; \
	*) exit $$code;; esac

scan: run ## the same; give options as ARGS="--deep --format json"

test: ## everything CI checks: lint, tests, race detector, cross-builds
	@.ci/setup test && .ci/test

acceptance: build ## the heavier suites: Wine, a real terminal, hives of another maker
	@.ci/acceptance/run

lint: ## format, vet, staticcheck
	@.ci/lint

fix: ## format the code and regenerate what is generated
	gofmt -w agent cmd detectors gui packaging .ci
	$(MAKE) generate

generate: ## compile catalog and policies into the program
	$(GO) generate ./...

bench: build gui ## measure against other programs, side by side
	CGO_ENABLED=0 $(GO) run ./.ci/bench $(ARGS)

gallery: build ## render every recorded host as a terminal shows it, and every page of the window
	@.ci/gallery

package: ## archives of the program for every system, with checksums, into build/dist
	@.ci/package "$(SYSTEMS)"

cross: ## build and vet for every system, without cgo
	@.ci/cross "$(SYSTEMS)"

fuzz: ## fuzz every parser for a while: FUZZTIME=30s
	@.ci/fuzz

clean: ## remove what was built
	rm -rf $(BUILD)
