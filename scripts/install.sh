#!/usr/bin/env bash
# Puts what was built in place, or takes it away again; `make install` and `make uninstall` call it.
#
#     scripts/install.sh install|uninstall
#
# Both go through the one list below. In the environment: PREFIX and DESTDIR, BUILD (the folder of the
# programs) and MANUAL (of what `make manual` made), UNITDIR, PLUGINDIR and ZSHDIR, where those differ.
# With a DESTDIR nothing but files is made, for packages.
set -euo pipefail
cd "$(dirname "$0")/.."

action=${1:-}
: "${PREFIX:=/usr/local}" "${DESTDIR:=}" "${BUILD:=.build/release}" "${MANUAL:=.build/manual}"
: "${PLUGINDIR:=$PREFIX/lib/presence}" "${ZSHDIR:=$PREFIX/share/zsh/site-functions}"
# systemd looks for units in these two folders, and in no other PREFIX.
if [ -z "${UNITDIR:-}" ]; then
    case $PREFIX in
    /usr | /usr/local) UNITDIR=$PREFIX/lib/systemd/system ;;
    *) UNITDIR=/etc/systemd/system ;;
    esac
fi
share=$PREFIX/share
documents=$share/doc/presence-bridge
unit=$UNITDIR/presence-bridge.service
users=$PREFIX/lib/sysusers.d/presence-bridge.conf
configuration=$DESTDIR/etc/presence-bridge

# put MODE SOURCE TARGET [OPTION]: a file, with an option of install(1).
put() {
    case $action in
    install) install -D -m "$1" ${4:+"$4"} "$2" "$DESTDIR$3" ;;
    uninstall) rm -f "$DESTDIR$3" ;;
    esac
}

files() {
    local file page completions
    put 755 "$BUILD/presence-bridge" "$PREFIX/bin/presence-bridge" -s
    put 755 "$BUILD/presence" "$PREFIX/bin/presence" -s
    if [ "$action" = uninstall ] || [ -e "$BUILD/libPresencePlugin.so" ]; then
        put 644 "$BUILD/libPresencePlugin.so" "$PLUGINDIR/libPresencePlugin.so"
    fi
    put 644 examples/presence-bridge.service "$unit"
    put 644 examples/presence-bridge.sysusers "$users"
    for page in presence.1 presence-bridge.conf.5 presence-bridge.8; do
        put 644 "$MANUAL/man/$page" "$share/man/man${page##*.}/$page"
    done
    completions=$MANUAL/completions
    for file in presence presence-bridge; do
        put 644 "$completions/bash/$file" "$share/bash-completion/completions/$file"
        put 644 "$completions/zsh/_$file" "$ZSHDIR/_$file"
        put 644 "$completions/fish/$file.fish" "$share/fish/vendor_completions.d/$file.fish"
    done
    put 644 README.md "$documents/README.md"
    for file in docs/*.md; do
        put 644 "$file" "$documents/$file"
    done
    # What is made from the examples stays out.
    while IFS= read -r file; do
        if [ -x "$file" ]; then put 755 "$file" "$documents/$file"; else put 644 "$file" "$documents/$file"; fi
    done < <(find examples -type f ! -name bundle.js ! -path '*/__pycache__/*' | sort)
}

case $action in
install)
    for file in "$BUILD/presence-bridge" "$BUILD/presence" "$MANUAL/man/presence.1"; do
        [ -e "$file" ] || { echo "There is no $file. First: make build" >&2 && exit 1; }
    done
    files
    sed -i "s|/usr/local/bin/|$PREFIX/bin/|" "$DESTDIR$unit"
    # What is configured stays as it is.
    [ -e "$configuration/bridge.conf" ] || install -D -m 644 bridge.conf "$configuration/bridge.conf"
    [ -z "$DESTDIR" ] || exit 0
    if command -v systemd-sysusers >/dev/null; then
        systemd-sysusers "$users"
        [ ! -d /run/systemd/system ] || systemctl daemon-reload
    else
        echo "The unit's user, presence-bridge, is to be made: there is no systemd-sysusers here."
    fi
    echo "The unit is $unit."
    echo "Next: the bridge's login at the broker, the same password in /etc/presence-bridge/password"
    echo "(mode 600), and the rights in examples/acl: README.md, \"As a service\", has each command."
    ;;
uninstall)
    if [ -z "$DESTDIR" ] && [ -d /run/systemd/system ]; then
        systemctl disable --now presence-bridge.service || true
    fi
    files
    # The folders that nothing else is in.
    if [ -d "$DESTDIR$documents" ]; then
        find "$DESTDIR$documents" -depth -type d -exec rmdir --ignore-fail-on-non-empty {} +
    fi
    rmdir --ignore-fail-on-non-empty "$DESTDIR$PLUGINDIR" 2>/dev/null || true
    [ -n "$DESTDIR" ] || [ ! -d /run/systemd/system ] || systemctl daemon-reload
    echo "Left, since it is yours; with the service's user it goes by:"
    echo "    rm -r /etc/presence-bridge /var/lib/presence-bridge && userdel presence-bridge"
    echo "and what the broker was given: its lines in /etc/mosquitto, and the login presence-bridge."
    ;;
*)
    echo "usage: scripts/install.sh install|uninstall" >&2
    exit 2
    ;;
esac
