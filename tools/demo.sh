#!/usr/bin/env bash
# Installs what is missing, builds the tools, loads the listings of tests/data/document.md into a
# fresh store and asks for them again with the document's own five statements.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly store=build/demo-db
readonly bin=build/release/tools

./tools/install-deps.sh --core
mkdir -p build
if [[ ! -f build/release/build.ninja ]]; then
  echo "== configuring and building the release preset; this takes some minutes, once"
  cmake --preset release >build/release.log 2>&1 || { cat build/release.log >&2; exit 1; }
fi
cmake --build --preset release --target dump-views obviewsctl

echo "== loading tests/data/document.md into $store"
rm -rf "$store"
"$bin/obviewsctl" load --db "$store" tests/data/document.md

# ask STATEMENT [OPTION...]: echoes a statement as a client's prompt has it, and runs it.
ask() {
  local statement=$1
  shift
  printf '\nobclient [(none)]> %s\n' "$statement"
  "$bin/dump-views" --db "$store" --verbose "$@" -e "$statement"
}

echo
echo "== the sys tenant"
ask 'SELECT * FROM oceanbase.CDB_OB_RECOVER_TABLE_JOBS\G'
ask 'SELECT * FROM oceanbase.CDB_OB_RESTORE_PROGRESS\G'
ask 'SELECT * FROM oceanbase.CDB_OB_IMPORT_TABLE_JOBS\G'
ask 'SELECT * FROM oceanbase.CDB_OB_IMPORT_TABLE_TASKS\G'

echo
echo "== the tenant itself, OBT, in Oracle mode"
ask 'SELECT * FROM DBA_OB_RECOVER_TABLE_JOBS\G' --tenant OBT
