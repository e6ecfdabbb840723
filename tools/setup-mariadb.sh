#!/usr/bin/env bash
# Fetches a MariaDB server and the headers that an engine plugin of it is built with, both of one same
# version, from Debian's packages and source packages. Unpacks them below build/mariadb; nothing is
# installed, no root is needed, and a server that the machine already has stays as it is:
#   build/mariadb/root      server, client, tools and test runner, as their packages unpack
#   build/mariadb/include   headers of the server's source, and those the build of it generated
#   build/mariadb/version   e.g. 10.11.18
#   --print-version   only says which version would be taken
# The version is the newest that the package sources have both as source and as binaries.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly build=$PWD/build/mariadb
readonly packages=(
  mariadb-server-core mariadb-server mariadb-client-core mariadb-client mariadb-test
  mariadb-test-data mariadb-common libmariadb3 libmariadb-dev libmariadbd-dev
)
# Libraries that the machine may lack, of whatever version.
readonly libraries=(libaio1 liburing2 libnuma1 libsnappy1v5 liblz4-1 libzstd1 libpcre2-posix3)

fail() {
  echo "setup-mariadb.sh: $1" >&2
  exit 1
}

print_version=''
case "${1-}" in
  "") ;;
  --print-version) print_version=yes ;;
  *) echo "usage: tools/setup-mariadb.sh [--print-version]" >&2; exit 2 ;;
esac
if [[ -z $print_version && -f $build/version ]]; then
  exit 0
fi
command -v apt-get >/dev/null || fail "MariaDB comes by apt-get, which is not here"
mkdir -p "$build"
exec {lock}>"$build/.lock"
flock "$lock"
# Another run may have been at it.
[[ -z $print_version && -f $build/version ]] && exit 0

# apt with lists and caches of our own, so that neither root nor `apt-get update` is needed, and with
# the machine's Debian package sources, of which source packages are wanted too.
readonly apt=$build/apt
mkdir -p "$apt"/{sources,lists/partial,archives/partial}
write_sources() {
  local file
  for file in /etc/apt/sources.list.d/*.sources; do
    [[ -f $file ]] || continue
    # Stanzas of Debian only: those of others have no source packages.
    awk -v RS= -v ORS='\n\n' '/\/debian/ { sub(/Types:[^\n]*/, "Types: deb deb-src"); print }' "$file"
  done >"$apt/sources/debian.sources"
  {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true
  } | awk '$1 == "deb" && /\/debian/ { print; $1 = "deb-src"; print }' >"$apt/sources/debian.list"
}
options=(-q -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$apt/sources"
  -o "Dir::State::lists=$apt/lists" -o "Dir::Cache=$apt" -o "APT::Sandbox::User=")
write_sources
apt-get "${options[@]}" update >"$build/apt.log" 2>&1 ||
  fail "the lists of packages cannot be read; see $build/apt.log"

# Versions that are there as $1, Sources or Packages, one a line.
versions_of() {
  apt-cache "${options[@]}" madison "$2" | awk -F ' *[|] *' -v kind="$1" '$3 ~ kind "$" {print $2}' |
    tr -d ' ' | sort -u
}
mapfile -t candidates < <(comm -12 <(versions_of Sources mariadb) \
  <(versions_of Packages mariadb-server) | sort -rV)
[[ ${#candidates[@]} -gt 0 ]] ||
  fail "no version of MariaDB is there both as source and as binaries; see $build/apt.log"

# The pool of the newest may have one of them only.
fetch() {
  local version=$1
  rm -rf "$build/fetched"
  mkdir -p "$build/fetched"
  (
    cd "$build/fetched"
    apt-get "${options[@]}" download "${packages[@]/%/=$version}" "${libraries[@]}" &&
      apt-get "${options[@]}" source --download-only "mariadb=$version"
  ) >>"$build/apt.log" 2>&1
}

if [[ -n $print_version ]]; then
  printf '%s\n' "${candidates[0]}"
  exit 0
fi
version=''
for candidate in "${candidates[@]}"; do
  echo "== fetching MariaDB $candidate and the headers of its source"
  if fetch "$candidate"; then
    version=$candidate
    break
  fi
done
[[ -n $version ]] || fail "MariaDB cannot be had; see $build/apt.log"

rm -rf "$build/root" "$build/include"
mkdir -p "$build/root" "$build/include"
for package in "$build"/fetched/*.deb; do dpkg-deb -x "$package" "$build/root"; done
# What a plugin includes of the source: 8 of its 115 megabytes.
tar -xzf "$build"/fetched/mariadb_*.orig.tar.gz -C "$build/include" --strip-components=1 \
  --wildcards --no-wildcards-match-slash 'mariadb-*/include' 'mariadb-*/sql/*.h' \
  'mariadb-*/wsrep-lib/include' 'mariadb-*/wsrep-lib/wsrep-API'
# The one generated header that no package has: without probes it is what it is generated from.
cp "$build/include/include/probes_mysql_nodtrace.h.in" "$build/include/include/probes_mysql_nodtrace.h"
rm -rf "$build/fetched" "$apt"
upstream=${version#*:}
printf '%s\n' "${upstream%%-*}" >"$build/version"
