#!/usr/bin/env bash
# mosquitto_passwd -U 2.0.11: it hashes other passwords than those in the file, and the devices are refused.
#
# One would expect: mosquitto_passwd -U turns a file of lines "user:password" into hashes of these passwords. The
# rest of the line after the first colon is the password, as mosquitto_passwd -b hashes the very same text.
# What happens: -U drops the blanks at both ends of the password, and all from its next colon on. It ends with 0 and
# says nothing. A client sends the password as it stands, and gets CONNACK "not authorised". After -b it is let in.
# Presence: a list of generated passwords is hashed, and some of the devices never come online; there is no will,
# no birth and no status, and the broker's log names no user. What helps: mosquitto_passwd -b for each user (the
# password is then in the list of processes), or passwords of letters and digits.
# Versions: Debian 12's mosquitto and mosquitto-clients 2.0.11. The result is the exit code.
set -euo pipefail
dir=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$dir"' EXIT
cd "$dir"
# The broker drops root's rights for those of the user mosquitto, who reads the password file here.
chmod 755 "$dir"
users=(alice bob carol dave)
declare -A passwords=([alice]="secret" [bob]=" leading" [carol]="trailing " [dave]="one:two")
declare -A hashed=([alice]="secret" [bob]="leading" [carol]="trailing" [dave]="one")
dpkg-query -W -f '${Package} ${Version}\n' mosquitto mosquitto-clients
for user in "${users[@]}"; do
    echo "$user:${passwords[$user]}" >> upgraded
    touch each
    mosquitto_passwd -b each "$user" "${passwords[$user]}"
done
said=$(mosquitto_passwd -U upgraded 2>&1)
echo "mosquitto_passwd -U says '$said'"
[ -z "$said" ]
chmod 644 upgraded each

# start FILE: a broker with this password file, in $broker and $port.
start() {
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    printf 'listener %s 127.0.0.1\nallow_anonymous false\npassword_file %s\n' "$port" "$dir/$1" > mosquitto.conf
    : > "$1.log"
    mosquitto -v -c mosquitto.conf > "$1.log" 2>&1 &
    broker=$!
    for _ in $(seq 100); do grep -q 'running' "$1.log" && break; sleep 0.1; done
}
# enter USER PASSWORD: what the broker says to the user's birth.
enter() {
    if mosquitto_pub -p "$port" -i "$1-phone" -u "$1" -P "$2" -q 1 -r -t "status/$1" -m online 2> client.txt; then
        echo "let in"
    else
        grep -q -i 'not authorised' client.txt && echo refused
    fi
}
for file in each upgraded; do
    start "$file"
    for user in "${users[@]}"; do
        echo "$file: $user with '${passwords[$user]}': $(enter "$user" "${passwords[$user]}")"
    done
    for user in bob carol dave; do
        echo "$file: $user with '${hashed[$user]}': $(enter "$user" "${hashed[$user]}")"
    done
    kill $broker
    wait $broker 2> /dev/null || true
done | tee seen.txt
grep -i 'not authorised' upgraded.log | sed 's/^[0-9]*: //' | sort | uniq -c
[ "$(grep -i 'not authorised' upgraded.log | grep -c 'bob\|carol\|dave')" = 0 ]
result() { grep "^$1:" seen.txt | sed 's/.*: //' | paste -sd,; }
[ "$(result each)" = "let in,let in,let in,let in,refused,refused,refused" ]
[ "$(result upgraded)" = "let in,refused,refused,refused,let in,let in,let in" ]
