# shellcheck shell=bash
# A MariaDB server of our own: unpacked by tools/setup-mariadb.sh, on a socket of its own, with fresh
# data and the engine of obviews. For scripts that source this, from the project's folder.
#
#   mariadb_build BUILD            builds ha_obviews.so and obviewsctl in BUILD, if they are not yet
#   mariadb_start FOLDER [OPTION...]  makes data in FOLDER and starts the server there
#   mariadb_client [OPTION...]     the server's client, as root
#   mariadb_stop                   stops the server; safe to call twice

mariadb_root=$PWD/build/mariadb/root
mariadb_pid='' mariadb_folder='' mariadb_libraries=''

mariadb_fail() {
  echo "mariadb: $1" >&2
  return 1
}

mariadb_build() {
  ./tools/install-deps.sh && ./tools/setup-mariadb.sh || return 1
  mkdir -p "$1"
  if [[ ! -f $1/build.ninja ]]; then
    echo "== configuring and building the engine; this takes some minutes, once"
    cmake -S . -B "$1" -G Ninja -DCMAKE_BUILD_TYPE=Release -DOBVIEWS_MARIADB=ON \
      -DOBVIEWS_BUILD_TESTS=OFF -DOBVIEWS_BUILD_BENCH=OFF >"$1.log" 2>&1 ||
      mariadb_fail "cannot configure; see $1.log" || return 1
  fi
  ninja -C "$1" ha_obviews obviewsctl >"$1.log" 2>&1 || mariadb_fail "cannot build; see $1.log"
}

# The server with its own libraries, in place of the shell that calls this.
mariadb_exec() {
  local user=()
  [[ $(id -u) -eq 0 ]] && user=(--user=root)
  LD_LIBRARY_PATH=$mariadb_libraries exec "$mariadb_root/usr/sbin/mariadbd" --no-defaults \
    "${user[@]}" --datadir="$mariadb_folder/data" --lc-messages-dir="$mariadb_root/usr/share/mysql" \
    --character-sets-dir="$mariadb_root/usr/share/mysql/charsets" "$@"
}

mariadb_start() {
  mariadb_folder=$1
  shift
  mariadb_libraries=$(printf '%s:' "$mariadb_root"/usr/lib/*-linux-gnu "$mariadb_root"/lib/*-linux-gnu)
  local share=$mariadb_root/usr/share/mysql log=$mariadb_folder/server.log
  if [[ ! -d $mariadb_folder/data/mysql ]]; then
    mkdir -p "$mariadb_folder/data"
    {
      printf 'CREATE DATABASE mysql;\nUSE mysql;\n'
      cat "$share"/mysql_system_tables.sql "$share"/mysql_performance_tables.sql \
        "$share"/mysql_system_tables_data.sql
      printf "REPLACE INTO global_priv VALUES ('localhost', 'root', '%s');\n" \
        '{"access":18446744073709551615,"plugin":"mysql_native_password","authentication_string":""}'
    } | (mariadb_exec --bootstrap) >"$log" 2>&1 || mariadb_fail "no data; see $log" || return 1
  fi
  rm -f "$mariadb_folder/s"
  # A server that starts deletes the temporary tables of others that share the folder.
  mkdir -p "$mariadb_folder/tmp"
  mariadb_exec --socket="$mariadb_folder/s" --pid-file="$mariadb_folder/pid" --skip-networking \
    --tmpdir="$mariadb_folder/tmp" \
    --character-set-server=utf8mb4 --innodb-buffer-pool-size=64M --plugin-maturity=experimental \
    --plugin-load-add=ha_obviews "$@" >>"$log" 2>&1 &
  mariadb_pid=$!
  for _ in {1..300}; do
    [[ -S $mariadb_folder/s ]] && return 0
    kill -0 "$mariadb_pid" 2>/dev/null || break
    sleep 0.1
  done
  mariadb_fail "the server does not start; see $log"
}

mariadb_client() {
  LD_LIBRARY_PATH=$mariadb_libraries "$mariadb_root/usr/bin/mariadb" --no-defaults \
    --socket="$mariadb_folder/s" --default-character-set=utf8mb4 --user=root "$@"
}

mariadb_stop() {
  [[ -n $mariadb_pid ]] || return 0
  kill "$mariadb_pid" 2>/dev/null || true
  wait "$mariadb_pid" 2>/dev/null
  local ended=$?
  mariadb_pid=''
  return "$ended"
}
