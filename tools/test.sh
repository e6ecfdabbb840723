#!/usr/bin/env bash
# Installs what is missing, builds, checks the source and runs every test: all of them as released,
# those of the engine for MariaDB in a server that is fetched for them, the unit tests under
# AddressSanitizer and UBSan too, what is concurrent under ThreadSanitizer, and the parser of
# statements under libFuzzer for a while. Ends with ctest's summary of each; exit 0 only if everything
# passed.
#   --full   the long forms of the long tests, and all of clang-tidy
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

lint_options=()
fuzz_seconds=20
case "${1-}" in
  "") ;;
  --full) export OBVIEWS_LONG_TESTS=1; lint_options=(--full) fuzz_seconds=600 ;;
  *) echo "usage: tools/test.sh [--full]" >&2; exit 2 ;;
esac

jobs=$(nproc)
failures=()

# step NAME COMMAND...: runs a command, says how long it took, and remembers if it failed.
step() {
  local name=$1 start=$SECONDS
  shift
  echo "== $name"
  if "$@"; then
    echo "== $name: $((SECONDS - start)) s"
  else
    echo "== $name: FAILED after $((SECONDS - start)) s"
    failures+=("$name")
  fi
}

# build PRESET TARGET [OPTION OF cmake]...
build() {
  cmake --preset "$1" "${@:3}" >"build/$1.log" 2>&1 || { cat "build/$1.log"; return 1; }
  cmake --build --preset "$1" --target "$2" --parallel "$jobs"
}

# run PRESET [OPTION...]: the tests of a build; all that passed are left out of what is printed.
run() {
  local preset=$1
  shift
  ctest --preset "$preset" --parallel "$jobs" --no-tests=error "$@" 2>&1 |
    tee "build/$preset-tests.log" |
    grep --line-buffered -vE '^ +Start +[0-9]+: |^ *[0-9]+/[0-9]+ Test .* Passed +[0-9.]+ sec$'
}

./tools/install-deps.sh --lint
mkdir -p build
# Its packages may be out of reach where everything else is there; then the last line says so.
mariadb=OFF
if ./tools/setup-mariadb.sh; then mariadb=ON; fi
step 'release build' build release all -DOBVIEWS_MARIADB=$mariadb
step 'lint' ./tools/lint.sh "${lint_options[@]}"
step 'ASan+UBSan build of the unit tests' build asan unit_tests
step 'unit tests under ASan+UBSan' run asan --label-regex unit
step 'all tests, released' run release
step 'TSan build of the lifecycle tests' build tsan lifecycle_test
step 'lifecycle under TSan' run tsan --tests-regex '^lifecycle\.(Concurrency|Scheduler|Model|Simulator)'
step 'fuzzing of statements' ./tests/fuzz/run "$fuzz_seconds"

if [[ ${#failures[@]} -gt 0 ]]; then
  printf 'test.sh: failed: %s\n' "${failures[@]}" >&2
  exit 1
fi
if [[ $mariadb == ON ]]; then
  echo "test.sh: passed, with the engine in MariaDB $(<build/mariadb/version), in $SECONDS s"
else
  echo "test.sh: passed in $SECONDS s; the engine for MariaDB was NOT tested: its server cannot be had"
fi
