#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that are missing, and does nothing if none is.
#
#     scripts/install-packages.sh build|manual|run|postgresql|test|counts|web|browser|brokers|deb|deb-check ...
#
# What is looked for is the thing itself, not the package: who has built mosquitto by hand, or has
# it from another system's packages, is asked for nothing.
set -euo pipefail

# shellcheck source=scripts/mosquitto-path.sh
. "$(dirname "$0")/mosquitto-path.sh"

has_header() {
    local folder
    for folder in /usr/include /usr/include/*-linux-gnu /usr/local/include /opt/homebrew/include; do
        [ -e "$folder/$1" ] && return
    done
    return 1
}

has_program() { command -v "$1" >/dev/null; }

has_libpq() { has_header postgresql/libpq-fe.h || has_header libpq-fe.h; }

# Debian has the programs of the server on nobody's PATH, since each version has its own.
has_postgresql() { has_program initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

has_venv() { /usr/bin/python3 -c 'import ensurepip, venv' 2>/dev/null; }

has_paho() { /usr/bin/python3 -c 'import paho.mqtt.client' 2>/dev/null; }

# Modules of Node come from Debian's packages: a bundle needs all of their parts.
has_module() { [ -e "/usr/share/nodejs/$1/package.json" ]; }

missing=()
need() {
    local package=$1
    shift
    "$@" || missing+=("$package")
}

for purpose in "$@"; do
    case $purpose in
    build)
        need libmosquitto-dev has_header mosquitto.h
        need mosquitto-dev has_header mosquitto_plugin.h
        # The headers of mosquitto 2.1 include those of cJSON.
        ! has_header mosquitto/broker.h || need libcjson-dev has_header cjson/cJSON.h
        need libsqlite3-dev has_header sqlite3.h
        need libcurl4-openssl-dev has_header curl/curl.h
        need libpq-dev has_libpq
        need pkg-config has_program pkg-config
        ;;
    manual)
        need python3 has_program python3
        ;;
    run)
        need mosquitto has_program "$mosquitto"
        need mosquitto-clients has_program mosquitto_rr
        ;;
    postgresql)
        need postgresql has_postgresql
        ;;
    test)
        need postgresql has_postgresql
        need python3-paho-mqtt has_paho
        need python3-venv has_venv
        need tmux has_program tmux
        need mandoc has_program mandoc
        ;;
    counts)
        need valgrind has_program valgrind
        ;;
    web)
        need nodejs has_program node
        need esbuild has_program esbuild
        need node-mqtt has_module mqtt
        need node-buffer has_module buffer
        need node-process has_module process
        need node-url has_module url
        ;;
    brokers)
        need ejabberd has_program ejabberdctl
        need rabbitmq-server has_program rabbitmq-server
        need openssl has_program openssl
        need python3-venv has_venv
        ;;
    deb)
        need debhelper has_program dh_installsysusers
        need dpkg-dev has_program dpkg-buildpackage
        need chrpath has_program chrpath
        need lintian has_program lintian
        ;;
    deb-check)
        need debootstrap has_program debootstrap
        need systemd-container has_program systemd-nspawn
        ;;
    browser)
        need chromium has_program chromium
        need chromium-driver has_program chromedriver
        ;;
    *)
        echo "install-packages.sh: \"$purpose\" is none of build, manual, run, postgresql, test," \
            "counts, web, browser, brokers, deb, deb-check" >&2
        exit 2
        ;;
    esac
done

[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)

if ! has_program apt-get; then
    echo "Missing: ${missing[*]} (these are Debian's names). There is no apt-get here;" \
        "install them with this system's own package manager, then try again." >&2
    exit 1
fi
if [ ${#as_root[@]} -gt 0 ] && ! has_program sudo; then
    echo "Missing: ${missing[*]}. As root: apt-get install ${missing[*]}" >&2
    exit 1
fi

echo "Installing with apt: ${missing[*]}" >&2
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
{
    "${apt[@]}" update
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}"
} >&2
