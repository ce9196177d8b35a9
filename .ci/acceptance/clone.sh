#!/usr/bin/env bash
# The first minute of somebody new: a fresh clone and `make run`, with nothing built before.
# Only what is committed counts.
# shellcheck source=/dev/null
. "$REPO/.ci/acceptance/lib"

needs git:git make:make
git -c safe.directory='*' -c advice.detachedHead=false clone --quiet --no-hardlinks "$REPO" clone
export GOCACHE="$WORK/gocache"
exits 0 make -C clone run
check "the last word is the sum" grep -qE '^(Nothing prohibited|Found: )' out
check "this machine was looked at" grep -qE '^Beagle [0-9.]+  .*\(linux\), judged as of ' out
check "the program is where the Makefile says" test -x clone/build/beagle
check "building leaves nothing that git does not know" [ -z "$(git -C clone status --porcelain)" ]
