#!/usr/bin/env bash
# Unpacks Debian's Prometheus into .build/prometheus for the tests, where none is installed.
#
# It is not installed, since the package starts a server on the machine.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=.build/prometheus
if command -v prometheus promtool >/dev/null || [ -x "$folder/usr/bin/promtool" ]; then exit 0; fi
command -v apt-get dpkg >/dev/null || { echo "there is no apt-get here" >&2; exit 1; }
download=$(mktemp -d)
trap 'rm -rf "$download"' EXIT
(cd "$download" && apt-get -qq -o APT::Sandbox::User=root download prometheus) >&2
mkdir -p "$folder"
dpkg -x "$download"/prometheus_*.deb "$folder"
