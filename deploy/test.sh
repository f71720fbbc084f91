#!/usr/bin/env bash
# From a bare Debian 12 machine to the verdict of every check and test.
#   usage: deploy/test.sh [--nightly]      --nightly also runs the long tests
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
deploy/bootstrap.sh --tests
scripts/check.sh "$@"
