#!/usr/bin/env bash
# From a bare Debian 12 machine to a report: set-up, build, and the quickstart campaign (Li2S) in runs/quickstart.
# Run it again to continue after an interruption, or with --fresh to start over.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
deploy/bootstrap.sh
if [ "${1:-}" = "--fresh" ]; then rm -rf runs/quickstart; fi
exec build/release/bin/superion run examples/li2s_quickstart.toml --data-dir runs/quickstart
