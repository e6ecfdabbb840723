# shellcheck shell=bash
# What the tests of the storage engine share: a server of their own over a store of their own, and the
# clients they need. For scripts that source this, from the project's folder.
#
#   test_begin BUILD NAME   builds in BUILD, makes the folder $work and says where in $build; cleans up at
#                           the end of the script
#   test_serve [OPTION...]  starts the server over the store $work/store
#   test_python             what runs Python scripts with pymysql
. tools/mariadb-server.sh

work='' build=''

test_cleanup() {
  local code=$?
  mariadb_stop >/dev/null 2>&1 || true
  if [[ -n $work && $code -ne 0 && -f $work/server.log ]]; then
    echo "== the end of the server's log" >&2
    tail -n 20 "$work/server.log" >&2
  fi
  [[ -z $work ]] || rm -rf "$work" "$(readlink -f "$work/data" 2>/dev/null || true)"
}

test_begin() {
  mkdir -p "$1"
  build=$(cd "$1" && pwd)
  ./tools/install-deps.sh --mariadb
  mariadb_build "$build"
  # A socket's path may have 107 bytes: less than a build folder's can.
  work=$(mktemp -d)
  trap test_cleanup EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  # Files on the disk that the build is on; /tmp may be memory.
  mkdir -p build/mariadb
  ln -s "$(mktemp -d "$PWD/build/mariadb/$2.XXXXXX")" "$work/data"
}

test_serve() {
  mariadb_start "$work" --plugin-dir="$build/plugins/mariadb" --obviews-db="$work/store" "$@"
}

# Debian's: another one that comes first has none of Debian's packages.
test_python() { /usr/bin/python3 "$@"; }
