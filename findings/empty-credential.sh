#!/usr/bin/env bash
# systemd 252: a unit cannot set an empty credential; the line is ignored, and a service that names it as the fallback of
# a missing file does not start.
#
# One would expect: SetCredential=ID:VALUE takes any value, the empty one too, as Environment=NAME= does, and that is the
# natural fallback behind LoadCredential=ID:PATH for a secret that an operator may leave out.
# What happens: "Invalid syntax, ignoring: password:", which only a verification or the journal shows; the unit loads, has
# no fallback, and fails with 243/CREDENTIALS at each start without the file. With VALUE "\n" the line is taken, and the
# credential holds a line break, so that whoever reads it must cut that off.
# Presence: the shipped unit sets "\n", and the bridge takes the first line of its password file.
# Versions: Debian 12's systemd 252, unpacked beside whatever is installed. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get -qq download systemd libsystemd-shared 'systemd-sysv=252*' >/dev/null 2>&1
for package in ./*.deb; do dpkg -x "$package" root; done
analyze() {
    LD_LIBRARY_PATH=$(echo root/usr/lib/*-linux-gnu/systemd) root/usr/bin/systemd-analyze "$@" 2>&1
}
analyze --version | head -1 | grep -o "^systemd 252"
unit() {
    printf '[Service]\nType=oneshot\nExecStart=/bin/true\nLoadCredential=password:/nowhere\nSetCredential=password:%s\n' \
        "$1" >"$2.service"
    analyze verify --man=no "./$2.service" | grep -o "Invalid syntax, ignoring: password:.*" || echo "nothing is said"
}
[ "$(unit '' empty | tee empty)" = "Invalid syntax, ignoring: password:" ]
echo "an empty value: $(cat empty)"
[ "$(unit '\n' line | tee line)" = "nothing is said" ]
echo "a line break: $(cat line)"
[ "$(unit x text)" = "nothing is said" ]
