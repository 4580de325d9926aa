#!/usr/bin/env bash
# Lives through the life of the packages in .build/deb, in a small Debian with a systemd of its own:
# installs them, sets broker and bridge up as the README says, edits, upgrades, removes and purges.
# `make deb-check` calls it, as root; it needs debootstrap and systemd-nspawn.
#
# The small Debian is made once, in .build/debian; MIRROR=http://... says where from.
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(id -u)" -eq 0 ] || { echo "Needs root, for a system of its own: sudo make deb-check" >&2 && exit 1; }

# shellcheck source=/dev/null
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
base=.build/debian/$suite
work=$(mktemp -d)
root=$work/root
leader=
began=$SECONDS

say() { printf '%4d s  %s\n' $((SECONDS - began)) "$*"; }
fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# --- A small system -----------------------------------------------------------------------------

nspawn=(systemd-nspawn --quiet --directory="$root")
# Where no systemd runs outside, there is nobody to register with.
[ -d /run/systemd/system ] || nspawn+=(--register=no --keep-unit)

# inside COMMAND: by the small system's shell.
inside() {
    nsenter --target "$leader" --mount --uts --ipc --net --pid --root \
        env --chdir=/ -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        bash -euc "$1"
}

# within SECONDS COMMAND: tries it until it succeeds.
within() {
    local end=$((SECONDS + $1))
    until inside "$2" >"$work/within" 2>&1; do
        [ $SECONDS -lt $end ] || { cat "$work/within" >&2 && fail "not within $1 s: $2"; }
        sleep 0.2
    done
}

# equals EXPECTED COMMAND
equals() {
    local seen
    seen=$(inside "$2") || fail "ended with $?: $2"
    [ "$seen" = "$1" ] || fail "'$seen' is not '$1': $2"
}

# Its first process is the child of systemd-nspawn.
is_up() {
    leader=$(pgrep --parent "$boot") && inside "systemctl is-system-running" 2>&1 | grep -qE 'running|degraded'
}

boot() {
    "${nspawn[@]}" --boot --private-network --console=passive >"$work/console" 2>&1 &
    boot=$!
    local end=$((SECONDS + 60))
    until is_up; do
        if [ $SECONDS -ge $end ] || ! kill -0 "$boot" 2>/dev/null; then
            cat "$work/console" >&2
            fail "it does not boot"
        fi
        sleep 0.2
    done
}

end() {
    local status=$?
    if [ -n "$leader" ]; then
        if [ $status -ne 0 ]; then
            inside "journalctl --no-pager -n 40 -u presence-bridge -u mosquitto" >&2 || true
        fi
        # SIGRTMIN+14 is what systemd takes for poweroff at once.
        kill -s RTMIN+14 "$leader" 2>/dev/null || true
        wait "$boot" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap end EXIT

packages=(.build/deb/presence-bridge_*.deb .build/deb/presence-mosquitto-plugin_*.deb)
for package in "${packages[@]}"; do
    [ -e "$package" ] || fail "there is no $package; first: make deb"
done

if [ ! -e "$base/ready" ]; then
    rm -rf "$base"
    mkdir -p "$base"
    debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus "$suite" "$base/root" ${MIRROR:+"$MIRROR"} \
        >"$base/log" 2>&1 || { tail "$base/log" >&2 && fail "debootstrap"; }
    touch "$base/ready"
    say "a small $suite is made"
fi
cp -a "$base/root" "$root"
echo "127.0.0.1 localhost" >"$root/etc/hosts"
mkdir "$root/packages"
cp "${packages[@]}" "$root/packages"
# All that the packages need is fetched now: the booted system has a network of its own, without a way out.
"${nspawn[@]}" apt-get -qq update
"${nspawn[@]}" sh -c 'apt-get -qq install -y --download-only mosquitto-clients /packages/*.deb' >"$work/apt" 2>&1 ||
    { cat "$work/apt" >&2 && fail "apt"; }
boot
say "it runs"

# --- Installed ----------------------------------------------------------------------------------

apt="apt-get -qq -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold"
inside "$apt install -y mosquitto-clients /packages/*.deb 2>&1" >"$work/apt" || { cat "$work/apt" >&2 && fail "install"; }
within 10 "systemctl is-active presence-bridge"
equals "presence-bridge 700" "stat -c '%U %a' /var/lib/presence-bridge"
equals "root 600" "stat -c '%U %a' /etc/presence-bridge/password"
equals "presence-bridge" "stat -c %U /proc/\$(systemctl show -P MainPID presence-bridge)"
equals "enabled" "systemctl is-enabled presence-bridge"
version=$(.build/release/presence-bridge --version)
equals "$version" "presence-bridge --version"
equals "$version" "presence --version"
say "installed, and started"

# The README's commands, without those of a checkout.
commands=$(awk '/^## As a service$/ { on = 1; next } /^## / { on = 0 } on && /^    /' README.md |
    grep -vE 'make |apt install|/dev/urandom' | sed 's/^ *//; s/sudo //g; s/^journalctl/journalctl --no-pager/')
inside "$commands" >"$work/commands" 2>&1 || { cat "$work/commands" >&2 && fail "the README's commands"; }
within 15 "journalctl -u presence-bridge | grep -q 'ready: '"
inside "journalctl -u presence-bridge --boot | grep -q 'connected to the broker at 127.0.0.1:1883'"
inside "for user in alice bob; do mosquitto_passwd -b /etc/mosquitto/presence.passwd \$user secret; done
    systemctl reload mosquitto"
as() { echo "PRESENCE_USERNAME=$1 PRESENCE_PASSWORD=secret presence"; }
within 10 "$(as alice) online"

inside "systemd-run --quiet --unit=bob --setenv=PRESENCE_USERNAME=bob --setenv=PRESENCE_PASSWORD=secret \
    presence set busy 'in a meeting' --id desk"
within 10 "$(as alice) get bob | grep -q 'busy.*in a meeting'"
inside "$(as alice) subscribe bob --for 1d" >/dev/null
say "bob is seen, and alice subscribed"

# --- Configured ---------------------------------------------------------------------------------

conf=/etc/presence-bridge/bridge.conf
inside "sed -i 's|^#max_devices .*|max_devices 16|; s|^#http_listen.*|http_listen /run/presence-bridge/http.sock|;
        s|^#http_tokens.*|http_tokens /etc/presence-bridge/tokens|' $conf
    install -m 640 -g presence-bridge /dev/null /etc/presence-bridge/tokens
    systemctl reload presence-bridge"
within 10 "journalctl -u presence-bridge | grep -q 'max_devices 64 -> 16'"
inside "systemctl restart presence-bridge"
within 10 "test -S /run/presence-bridge/http.sock"
equals "presence-bridge 660" "stat -c '%U %a' /run/presence-bridge/http.sock"
equals "presence-bridge 750" "stat -c '%U %a' /run/presence-bridge"
within 15 "perl -MIO::Socket::UNIX -e '
    my \$http = IO::Socket::UNIX->new(\"/run/presence-bridge/http.sock\") or die \$!;
    print \$http \"GET /readyz HTTP/1.1\r\nHost: bridge\r\nConnection: close\r\n\r\n\";
    exit(<\$http> =~ / 200 / ? 0 : 1)'"
say "reloaded, and HTTP on a Unix socket"

# A password that is missing ends it with 2, which systemd does not repeat.
inside "mv /etc/presence-bridge/password /etc/presence-bridge/away; systemctl restart presence-bridge 2>/dev/null || true"
within 10 "systemctl is-failed presence-bridge"
equals "2" "systemctl show -P ExecMainStatus presence-bridge"
inside "journalctl -u presence-bridge | grep -q 'password.*is no password'"
inside "mv /etc/presence-bridge/away /etc/presence-bridge/password; systemctl reset-failed presence-bridge; systemctl start presence-bridge"
within 15 "$(as alice) get bob | grep -q busy"
say "a missing password is told, once"

# --- Upgraded -----------------------------------------------------------------------------------

# A later revision, whose shipped file has changed as well as the operator's.
inside "cd /packages && dpkg-deb --raw-extract presence-bridge_*.deb later
    sed -i 's/^Version: .*/&.1/' later/DEBIAN/control
    echo '# A line of the next version.' >>later$conf
    rm presence-bridge_*.deb
    dpkg-deb --root-owner-group -Zgzip -z1 --build later . && rm -r later" >/dev/null
before=$(inside "systemctl show -P MainPID presence-bridge; cat /etc/presence-bridge/password")
inside "$apt install -y /packages/presence-bridge_*.deb 2>&1" >"$work/apt" || { cat "$work/apt" >&2 && fail "upgrade"; }
inside "dpkg-query -W presence-bridge | grep -q '\\.1\$'"
within 15 "systemctl is-active presence-bridge"
after=$(inside "systemctl show -P MainPID presence-bridge; cat /etc/presence-bridge/password")
[ "${before%%$'\n'*}" != "${after%%$'\n'*}" ] || fail "the service was not started anew"
[ "${before#*$'\n'}" = "${after#*$'\n'}" ] || fail "the password is another one"
equals "1" "grep -c '^max_devices 16\$' $conf"
equals "0" "grep -c 'next version' $conf || true"
within 15 "$(as alice) subscriptions | grep -q bob"
within 15 "$(as alice) get bob | grep -q busy"
say "upgraded: the edit, the password and the store are there"

# --- With the plugin ----------------------------------------------------------------------------

inside "sed 's/^plugin_opt_monitor_users .*/plugin_opt_status_readers own/' \
        /usr/share/doc/presence-mosquitto-plugin/examples/presence-plugin.conf >/etc/mosquitto/conf.d/presence-plugin.conf
    sed -i '/^acl_file/d' /etc/mosquitto/conf.d/presence.conf
    systemctl restart mosquitto"
within 15 "systemctl is-active mosquitto && journalctl -u presence-bridge | grep -q 'plugin'"
inside "systemd-run --quiet --unit=plain mosquitto_sub -u alice -P secret -t presence/event/alice"
within 15 "$(as bob) get alice | grep -q online"
inside "systemctl stop plain bob; rm /etc/mosquitto/conf.d/presence-plugin.conf; systemctl restart mosquitto"
say "a plain client is online by the plugin"

# --- Gone ---------------------------------------------------------------------------------------

inside "$apt remove -y presence-bridge presence-mosquitto-plugin 2>&1" >"$work/apt" || { cat "$work/apt" >&2 && fail "remove"; }
equals "gone" "pgrep -x presence-bridge || echo gone"
inside "test -e $conf -a -e /etc/presence-bridge/password -a -e /var/lib/presence-bridge/presence.db"
inside "$apt purge -y presence-bridge presence-mosquitto-plugin 2>&1" >"$work/apt" || { cat "$work/apt" >&2 && fail "purge"; }
# The broker's lines are the operator's, and the user stays.
inside "find / -xdev \\( -iname '*presence*' -o -lname '*presence*' \\) -not -path '/packages*' -not -path '/proc/*' \
    -not -path '/sys/*' -not -path '/etc/mosquitto/*'" >"$work/left"
[ ! -s "$work/left" ] || { cat "$work/left" >&2 && fail "this is left"; }
equals "presence-bridge" "getent passwd presence-bridge | cut -d: -f1"
say "removed, and purged: nothing is left but the user"
