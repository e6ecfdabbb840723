#!/usr/bin/env bash
# Checks the source: clang-format on every file, clang-tidy on every .cc that is no test, as
# build/release compiles it. What clang-tidy found clean is remembered under build/lint by the content
# of the file, of the project headers it includes and of .clang-tidy, so a second run checks only what
# changed.
#   --full   the tests too, and the path-sensitive clang-analyzer checks, which take twice the time
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

checks='-clang-analyzer-*'
is_left_out='(_test\.cc|^tests/.*)$'
case "${1-}" in
  "") ;;
  --full) checks='' is_left_out='^$' ;;
  *) echo "usage: tools/lint.sh [--full]" >&2; exit 2 ;;
esac

readonly build=build/release cache=build/lint
jobs=$(nproc)
if [[ ! -f $build/.ninja_deps ]]; then
  echo "lint.sh: $build is not built; run: cmake --preset release && cmake --build --preset release" >&2
  exit 2
fi
mkdir -p "$cache"
failed=0

folders=()
for folder in schema engine virtual_tables plugins tools bench tests; do
  [[ -d $folder ]] && folders+=("$folder")
done
mapfile -t files < <(find "${folders[@]}" -name '*.h' -o -name '*.cc' | sort)
printf '%s\0' "${files[@]}" | xargs -0 -P "$jobs" -n 32 clang-format --dry-run -Werror || failed=1

# Each source that was compiled and the project headers it includes, a line per source.
sources_and_parts() {
  ninja -C "$build" -t deps | awk -v root="$PWD/" '
    /^[^ ].*: #deps/ { if (source != "") print source, parts; source = parts = ""; next }
    {
      path = $1
      # From the build folder, where a compiler cache made it so.
      if (sub(/^\.\.\/\.\.\//, "", path) == 0) {
        if (index(path, root) != 1) next
        path = substr(path, length(root) + 1)
      }
      if (source == "") source = path
      else parts = parts " " path
    }
    END { if (source != "") print source, parts }' | sort -u
}

# The key under which a clean result of a source and its parts is remembered.
key_of() {
  { echo "$checks"; cat -- .clang-tidy "$@" 2>/dev/null || true; } | sha256sum | cut -d' ' -f1
}

tidy=()
known=0
declare -A keys
while read -r source parts; do
  [[ -f $source && $source == *.cc && ! $source =~ $is_left_out ]] || continue
  known=$((known + 1))
  # shellcheck disable=SC2086  # the parts are words
  key=$(key_of $source $parts)
  [[ -e $cache/$key ]] && continue
  keys[$source]=$key
  tidy+=("$source")
done < <(sources_and_parts)
if [[ $known -eq 0 ]]; then
  echo "lint.sh: $build does not say what it was built of" >&2
  exit 2
fi

check_one() {
  local output
  if output=$(clang-tidy -p "$build" --quiet ${checks:+"--checks=$checks"} "$1" 2>&1); then
    : >"$cache/$2"
  else
    printf '%s\n' "$output" | grep -v 'warnings generated\|treated as error'
    return 1
  fi
}
export -f check_one
export build cache checks

if [[ ${#tidy[@]} -gt 0 ]]; then
  echo "== clang-tidy on ${#tidy[@]} files"
  for source in "${tidy[@]}"; do printf '%s\0%s\0' "$source" "${keys[$source]}"; done |
    xargs -0 -P "$jobs" -n 2 bash -c 'check_one "$1" "$2"' check_one || failed=1
fi
[[ $failed -eq 0 ]] && echo "lint: clean"
exit "$failed"
