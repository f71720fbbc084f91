#!/usr/bin/env bash
# Brings a Debian 12 machine from nothing to a built superion: packages, configure, build, pseudopotentials.
# Safe to run again: what is done is skipped. Sourced nowhere; quickstart.sh and test.sh call it.
#   usage: deploy/bootstrap.sh [--tests]     --tests also builds the tests and installs what only they need
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

checkout=$PWD
build_tests=OFF
case "${1:-}" in
  --tests) build_tests=ON ;;
  "") ;;
  *) echo "bootstrap.sh: unknown argument $1 (expected --tests)" >&2; exit 2 ;;
esac
preset=${SUPERION_PRESET:-release}
started=$(date +%s)

say() { printf '[%4ds] %s\n' $(($(date +%s) - started)) "$*"; }
fail() { printf '[%4ds] error: %s\n' $(($(date +%s) - started)) "$*" >&2; exit 1; }

packages=(
  build-essential cmake ninja-build ccache pkg-config git ca-certificates
  libabsl-dev libfmt-dev libspdlog-dev nlohmann-json3-dev libcli11-dev libtomlplusplus-dev libssl-dev zlib1g-dev
  libzstd-dev libbz2-dev liblzma-dev libhdf5-dev
  libgrpc++-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libsqlite3-dev
  libtorch-dev liblammps-dev lammps libfftw3-dev libeigen3-dev libsymspg-dev libpugixml-dev
  gemmi-dev tao-pegtl-dev libstb-dev
  quantum-espresso quantum-espresso-data cp2k-data libopenblas0-serial
)
test_packages=(libgtest-dev libgmock-dev python3-ase zstd clang-format-14 clang-tidy-14)
[ $build_tests = ON ] && packages+=("${test_packages[@]}")

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else fail "installing packages needs root: run as root or install sudo"; fi
}

missing_packages() {
  local p
  for p in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q '^install ok installed$' || echo "$p"
  done
}

require_disk() {  # require_disk FOLDER MEGABYTES WHAT
  local free
  free=$(df -Pm "$1" | awk 'NR == 2 {print $4}')
  [ "$free" -ge "$2" ] || fail "$3 needs $2 MB in $1, but only $free MB are free"
}

install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  if [ ${#missing[@]} = 0 ]; then say "packages: all ${#packages[@]} installed"; return; fi
  command -v apt-get >/dev/null || fail "this needs Debian 12 (apt-get not found); missing: ${missing[*]}"
  require_disk /usr 3000 "installing the packages"
  say "packages: ${#missing[@]} of ${#packages[@]} missing, updating the package lists"
  local log
  log=$(mktemp)
  as_root apt-get update -q >"$log" 2>&1 || { tail -5 "$log" >&2; fail "apt-get update failed"; }
  local p unknown=()
  for p in "${missing[@]}"; do
    [ -n "$(apt-cache policy "$p" | awk '/Candidate:/ && $2 != "(none)"')" ] || unknown+=("$p")
  done
  [ ${#unknown[@]} = 0 ] || fail "packages not found in the configured repositories (Debian 12 'bookworm' expected): ${unknown[*]}"
  say "packages: installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" \
    >"$log" 2>&1 || { tail -15 "$log" >&2; fail "apt-get install failed"; }
  rm -f "$log"
  say "packages: installed"
}

configure() {
  local cache=build/$preset/CMakeCache.txt
  # Once tests were asked for they stay, so that the two commands do not undo each other's build.
  if [ -f "$cache" ] && grep -q 'SUPERION_BUILD_TESTS:BOOL=ON' "$cache"; then build_tests=ON; fi
  say "configure: preset $preset, tests $build_tests"
  mkdir -p build
  cmake --preset "$preset" -DSUPERION_BUILD_TESTS=$build_tests >build/configure.log 2>&1 ||
    { tail -20 build/configure.log >&2; fail "configure failed, see build/configure.log"; }
}

# Ninja's status lines, one in 20 seconds; everything else as it comes.
thin_progress() {
  local line last=0 now
  while IFS= read -r line; do
    case $line in
      "["[0-9]*/[0-9]*"]"*)
        now=$(date +%s)
        if [ $((now - last)) -ge 20 ]; then last=$now; say "build: ${line%%]*}]"; fi ;;
      *) printf '%s\n' "$line" ;;
    esac
  done
}

build() {
  require_disk . 1500 "the build"
  say "build: $(nproc) cores"
  # Ninja's own status line on a terminal; else a line now and then.
  if [ -t 1 ]; then
    ninja -C "build/$preset" || fail "build failed"
  else
    ninja -C "build/$preset" 2>&1 | thin_progress || fail "build failed"
  fi
}

# Made once by ld1.x from the recipes in the repository, and checked; labels would otherwise make them when first needed.
make_pseudopotentials() {
  local folder
  folder=$(mktemp -d)
  cat >"$folder/spec.json" <<'JSON'
{"schema": 1, "kind": "preflight", "campaign_id": "set-up", "task_id": "set-up", "key": "preflight", "attempt": 1, "seed": 1,
 "threads": 1, "inputs": [], "site": {}, "params": {"species": ["Li", "P", "S", "Cl"], "labeler": {"kind": "qe",
 "mode": "process", "functional": "PBE", "ecutwfc_ry": 25, "kpoints": [1, 1, 1], "kshift": [0, 0, 0], "conv_thr_ry": 1e-7,
 "pseudopotentials": {"Li": "Li.pbe-tm-nlcc.UPF", "P": "P.pbe-tm.UPF", "S": "S.pbe-tm.UPF", "Cl": "Cl.pbe-tm.UPF"}}}}
JSON
  (cd "$folder" && "$checkout/build/$preset/bin/superion-dft" --spec spec.json --result result.json >progress.txt 2>log.txt) ||
    { cat "$folder"/log.txt "$folder"/result.json >&2 2>/dev/null; rm -rf "$folder"; fail "pseudopotentials could not be made"; }
  rm -rf "$folder"
  say "pseudopotentials: Li P S Cl made and checked"
}

install_packages
configure
build
make_pseudopotentials
say "ready: build/$preset/bin/superion"
