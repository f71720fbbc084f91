#!/usr/bin/env bash
# Compiles and links the trainer for CUDA devices, and tests it where a device is seen. Needs no device to compile.
#   usage: scripts/check_cuda.sh TOOLKIT LIBTORCH [BUILD]
#     TOOLKIT   folder of a CUDA toolkit (bin/nvcc, include/, lib/ or lib64/)
#     LIBTORCH  folder of a LibTorch for CUDA with the C++11 ABI (include/, lib/, share/cmake/)
#     BUILD     build folder, default build/cuda
#   SUPERION_CUDA_ARCHITECTURES (default "80;90") and JOBS (default: all cores) are read from the environment.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
toolkit=$(readlink -f "$1") libtorch=$(readlink -f "$2")
cd "$(dirname "$(readlink -f "$0")")/.."
build=${3:-build/cuda}
architectures=${SUPERION_CUDA_ARCHITECTURES:-80;90}
jobs=${JOBS:-$(nproc)}
export PATH="$toolkit/bin:$PATH"

echo "== kernels with nvcc, every warning an error (${architectures})"
nvcc --version | tail -1
codes=()
for architecture in ${architectures//;/ }; do
  codes+=(-gencode "arch=compute_$architecture,code=sm_$architecture")
done
object=$(mktemp --suffix .o)
trap 'rm -f "$object"' EXIT
nvcc -ccbin "${CXX:-g++}" -std=c++17 -O2 -I. -Werror all-warnings -Xcompiler=-Wall,-Wextra,-Werror "${codes[@]}" \
  -c trainer/pair_kernel.cu -o "$object"

echo "== trainer and its tests against $libtorch"
mkdir -p "$(dirname "$build")"
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DSUPERION_BUILD_TESTS=ON -DSUPERION_CUDA=ON \
  "-DSUPERION_CUDA_ARCHITECTURES=$architectures" -DCMAKE_CUDA_COMPILER="$toolkit/bin/nvcc" \
  -DCUDA_TOOLKIT_ROOT_DIR="$toolkit" -DCUDAToolkit_ROOT="$toolkit" -DTorch_DIR="$libtorch/share/cmake/Torch" >"$build.log" 2>&1 ||
  { tail -30 "$build.log"; exit 1; }
grep 'Training on CUDA devices: ON' "$build.log"
ninja -C "$build" -j "$jobs" superion-train trainer_test trainer_cuda_test | tail -1

echo "== tests (those of the devices are skipped where none is seen)"
"$build/test_bin/trainer_test" --gtest_brief=1
"$build/test_bin/trainer_cuda_test" --gtest_brief=1
