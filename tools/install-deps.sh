#!/usr/bin/env bash
# Installs the Debian 12 packages that building obviews needs and this machine lacks. With --lint
# also those that checking its source and running all of its tests needs, with --fuzz those that
# tests/fuzz/run needs, with --mariadb those that the tests of the MariaDB engine need, and with
# --mariadb-clients those of tests/mariadb/clients too; with --core no npm, so that a build leaves
# `dump-views report` out unless npm is there. A machine that has them all is left alone: no network,
# no root.
# docs/dependencies.md says what each is for.
set -euo pipefail

packages=(
  g++ cmake ninja-build
  librocksdb-dev libboost-dev libboost-container-dev libxxhash-dev
  libsqlite3-dev libcli11-dev libfmt-dev libcctz-dev nlohmann-json3-dev libexpected-dev
  tao-pegtl-dev libncurses-dev
  libgtest-dev libgmock-dev libbenchmark-dev python3 pkgconf
  tzdata
)
lint_packages=(clang-format clang-tidy)
test_packages=(tmux sqlite3)
fuzz_packages=(clang-14 libclang-rt-14-dev)
mariadb_packages=(python3 python3-pymysql)
client_packages=(mycli libmariadb-java)
# A JDK may come from elsewhere.
command -v javac >/dev/null || client_packages+=(default-jdk-headless)

# Node and Chromium may come from elsewhere: Debian's npm does not go with another node.
web_packages=()
command -v npm >/dev/null || web_packages=(nodejs npm)
command -v chromium >/dev/null || command -v google-chrome >/dev/null || test_packages+=(chromium)

case "${1-}" in
  "") packages+=("${web_packages[@]}") ;;
  --core) ;;
  --lint) packages+=("${web_packages[@]}" "${lint_packages[@]}" "${test_packages[@]}") ;;
  --fuzz) packages+=("${fuzz_packages[@]}") ;;
  --mariadb) packages+=("${mariadb_packages[@]}") ;;
  --mariadb-clients) packages+=("${mariadb_packages[@]}" "${client_packages[@]}") ;;
  *)
    echo "usage: tools/install-deps.sh [--core | --lint | --fuzz | --mariadb | --mariadb-clients]" >&2
    exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install-deps.sh: this is no Debian; install the likes of these yourself and build with" \
    "cmake --preset release: ${packages[*]}" >&2
  exit 1
fi

# dpkg-query fails when it does not know one of the packages, and still lists the others.
installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null |
  sed -n 's/^installed //p' || true)
missing=()
for package in "${packages[@]}"; do
  grep -qxF "$package" <<<"$installed" || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "install-deps.sh: packages are missing and installing them takes root; run this as root," \
      "or have somebody run: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "== installing ${#missing[@]} missing packages: ${missing[*]}"
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
"${apt[@]}" update
"${apt[@]}" install -y --no-install-recommends "${missing[@]}"
