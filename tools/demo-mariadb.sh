#!/usr/bin/env bash
# Shows the views in a MariaDB server: fetches and builds what is missing, starts a server of its own on
# a socket, loads the listings of tests/data/document.md into a fresh store, and opens the server's client
# on them. When the input is no terminal it runs the five statements of that document and ends. Nothing is
# installed, and server, data and store are gone afterwards.
#   --build DIR   build in DIR instead of build/mariadb/release
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=$PWD/build/mariadb/release
case "${1-}" in
  "") ;;
  --build) build=$2 ;;
  *) echo "usage: tools/demo-mariadb.sh [--build DIR]" >&2; exit 2 ;;
esac
. tools/mariadb-server.sh

folder=''
cleanup() {
  mariadb_stop || true
  [[ -z $folder ]] || rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

mariadb_build "$build"
# A socket's path may have 107 bytes: less than a build folder's can.
folder=$(mktemp -d)
"$build/tools/obviewsctl" load --db "$folder/db" tests/data/document.md >/dev/null 2>&1 ||
  { echo "the rows of tests/data/document.md cannot be loaded" >&2; exit 1; }
mariadb_start "$folder" --plugin-dir="$build/plugins/mariadb" --obviews-db="$folder/db" \
  --default-time-zone=+08:00 || { tail -n 20 "$folder/server.log" >&2; exit 1; }

if [[ -t 0 ]]; then
  cat <<'END'
The views of the sys tenant are in the schema oceanbase, those of each other tenant in its own:
  SHOW DATABASES;  SHOW TABLES;  SELECT * FROM CDB_OB_RECOVER_TABLE_JOBS\G
END
  mariadb_client oceanbase
else
  # The last was typed in tenant OBT, whose views are in its own schema.
  mariadb_client --verbose <<'END'
SELECT * FROM oceanbase.CDB_OB_RECOVER_TABLE_JOBS\G
SELECT * FROM oceanbase.CDB_OB_RESTORE_PROGRESS\G
SELECT * FROM oceanbase.CDB_OB_IMPORT_TABLE_JOBS\G
SELECT * FROM oceanbase.CDB_OB_IMPORT_TABLE_TASKS\G
USE tenant_1016
SELECT * FROM DBA_OB_RECOVER_TABLE_JOBS\G
END
fi
