#!/usr/bin/env bash
# From a bare Debian 12 machine to a report: set-up, build, and the quickstart campaign (Li2S) in runs/quickstart.
# Run it again to continue after an interruption, or with --fresh to start over.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
case "${1:-}" in
  "" | --fresh) ;;
  *) echo "quickstart.sh: unknown argument $1 (expected --fresh)" >&2; exit 2 ;;
esac
deploy/bootstrap.sh
if [ "${1:-}" = "--fresh" ]; then rm -rf runs/quickstart; fi
exec "build/${SUPERION_PRESET:-release}/bin/superion" run examples/li2s_quickstart.toml --data-dir runs/quickstart
