#!/usr/bin/env bash
# A PostgreSQL of one's own in a folder, for trying things out, for tests and for benchmarks.
#
#     scripts/postgresql.sh start FOLDER      prints where it is: postgresql:///presence?host=...
#     scripts/postgresql.sh stop FOLDER       in order; what is open is broken off
#     scripts/postgresql.sh remove FOLDER     stops it, and removes the folder with all that it has
#
# What is printed is for the bridge's `store`, and for psql. It has no TCP port: its socket lies beside its
# data, in a folder that only its user and root can enter, so nobody is asked for a password. Whoever
# calls this has a role of the same name there, which may do everything. It does not end with this script.
# A start where it runs already only prints; one behind a crash finds what was committed.
#
# PostgreSQL refuses to be root. If root calls, it runs as the user to whom its data belongs, and at first as
# "postgres", whom Debian's package makes. If that user cannot enter FOLDER, or if a socket there could not be
# reached because the path is too long, all of it lies in a folder below /var/tmp, which FOLDER/elsewhere leads to.
set -euo pipefail

fail() {
    echo "postgresql.sh: $*" >&2
    exit 1
}

usage() {
    echo "usage: scripts/postgresql.sh start|stop|remove FOLDER" >&2
    exit 2
}

if [ $# -ne 2 ] || [ -z "$2" ]; then usage; fi
command=$1
case $command in
start) mkdir -p "$2" ;;
stop | remove) [ -d "$2" ] || exit 0 ;;
*) usage ;;
esac
if [ ! -r "$2" ] || [ ! -x "$2" ]; then fail "$2 belongs to $(stat -c %U "$2"), and is closed to $(id -un)"; fi
folder=$(cd "$2" && pwd -P)
# Where the server's user cannot be, its programs cannot begin.
cd /

# What the caller has set for servers of its own must not lead these programs there.
# shellcheck disable=SC2086
unset ${!PG@}
export LC_ALL=C
umask 077

caller=$(id -un) || fail "the user $(id -u) has no name, and PostgreSQL wants one"

# --- As whom, and where -------------------------------------------------------------------------

# The longest path of a socket on Linux, without the name of PostgreSQL's.
socket=.s.PGSQL.5432
longest=$((107 - ${#socket} - 1))

owner_of() { stat -c %U "$1"; }

# Sets who it runs as, and with what a command is begun as that user.
choose_user() {
    user=$caller
    as_user=()
    [ "$(id -u)" -eq 0 ] || return 0
    user=postgres
    local one
    for one in "$folder/data" "$folder/elsewhere/data"; do
        if [ -d "$one" ]; then user=$(owner_of "$one"); fi
    done
    id "$user" >/dev/null 2>&1 ||
        fail "it must not run as root, and there is no user \"$user\"; call this as another user"
    as_user=(setpriv --reuid "$user" --regid "$(id -g "$user")" --init-groups env HOME=/)
}

# Why it cannot be in the folder itself; empty when it can.
obstacle() {
    if [ ${#folder} -gt "$longest" ]; then
        echo "the path has ${#folder} bytes, and with more than $longest a socket in it cannot be reached"
    elif [[ $folder == *,* ]]; then
        echo "the path has a comma, and libpq takes it for two"
    elif [ "$user" != "$caller" ] && ! "${as_user[@]}" test -x "$(dirname "$folder")"; then
        echo "the user $user, as whom it runs because it must not be root, cannot enter there"
    fi
}

# Whether this script has been here. A folder with anything else in it is neither given away nor removed.
is_known() {
    [ -e "$folder/data/PG_VERSION" ] || [ -d "$folder/unfinished" ] || [ -L "$folder/elsewhere" ]
}

# Sets the place of data, log and socket, and makes it if need be.
choose_place() {
    local why content
    why=$(obstacle)
    place=$folder
    if [ -L "$folder/elsewhere" ]; then
        place=$(readlink "$folder/elsewhere")
    elif is_known; then
        [ -z "$why" ] || fail "$folder: $why. Its data is there, and has to be moved"
    else
        content=$(ls -A "$folder")
        [ -z "$content" ] || fail "$folder has other things in it; take an empty folder"
        if [ -n "$why" ]; then
            place=$(mktemp -d /var/tmp/presence-postgresql.XXXXXX)
            echo "postgresql.sh: $folder: $why. Its data is in $place instead, until somebody clears that" >&2
        fi
        if [ "$user" != "$caller" ]; then chown "$user:$(id -g "$user")" "$place"; fi
        [ "$place" = "$folder" ] || ln -s "$place" "$folder/elsewhere"
    fi
    if [ -L "$place" ] || [ "$(owner_of "$place")" != "$user" ]; then
        fail "$place belongs to $(owner_of "$place"), and not to $user"
    fi
    # Whoever reaches the socket may do everything.
    "${as_user[@]}" chmod 700 "$place"
    data=$place/data
}

# --- What runs ----------------------------------------------------------------------------------

# The processes of the server: it and all that it starts have its data as their working folder. Those of a
# killed one go on for a moment. The number in postmaster.pid can meanwhile be that of something else.
processes() {
    # shellcheck disable=SC2016
    "${as_user[@]}" bash -c 'for one in /proc/[0-9]*; do
        if [ "$one/cwd" -ef "$0" ] && [ "$(cat "$one/comm")" = postgres ]; then echo "${one#/proc/}"; fi
    done' "$data" 2>/dev/null
}

# The first process of a server that runs; nothing when none does.
server() {
    local pid
    pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null) || return 0
    processes | grep -xF -e "$pid" || true
}

# Waits until there are none of a kind (server, processes), for so many seconds.
until_no() {
    local deadline=$((SECONDS + $2))
    while [ -n "$($1)" ]; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

# --- Programs -----------------------------------------------------------------------------------

# Sets the folder of the programs: those on the PATH, or the newest of Debian's. Data wants those of its version.
choose_programs() {
    local candidates=() wanted='' one
    if one=$(command -v initdb); then candidates+=("$(dirname "$(readlink -f "$one")")"); fi
    for one in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -Vr); do
        if [ -x "$one/initdb" ]; then candidates+=("$one"); fi
    done
    [ ${#candidates[@]} -gt 0 ] || fail "there is no initdb; scripts/install-packages.sh postgresql"
    if [ -d "$data" ]; then wanted=$(cat "$data/PG_VERSION"); fi
    for programs in "${candidates[@]}"; do
        # As in "postgres (PostgreSQL) 15.4".
        one=$("$programs/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
        if [ -z "$wanted" ] || [ "$one" = "$wanted" ]; then return; fi
    done
    fail "$data is of PostgreSQL $wanted, which is not installed; \"remove\" makes room for another"
}

sql() { "${as_user[@]}" "$programs/psql" -XAtq -v ON_ERROR_STOP=1 -h "$place" -U postgres "$@"; }

# Shows what a program has answered, and ends.
fail_with() {
    cat "$answer" >&2
    fail "$1; what it said is above"
}

# Makes the data under another name first, so that what was broken off is not taken for it.
make_data() {
    "${as_user[@]}" rm -rf "$place/unfinished"
    "${as_user[@]}" "$programs/initdb" -D "$place/unfinished" -U postgres --auth=trust --encoding=UTF8 --locale=C \
        >"$answer" 2>&1 </dev/null || fail_with "initdb has failed"
    "${as_user[@]}" mv "$place/unfinished" "$data"
}

# As text of a URI, byte by byte.
encoded() {
    local text=$1 index one
    for ((index = 0; index < ${#text}; index++)); do
        one=${text:index:1}
        case $one in
        [A-Za-z0-9/._~-]) printf %s "$one" ;;
        *) printf '%%%02X' $(($(printf %d "'$one") & 255)) ;;
        esac
    done
}

start() {
    local deadline
    answer=$(mktemp)
    # shellcheck disable=SC2064
    trap "rm -f '$answer'" EXIT
    # What Ctrl-C does to a program is no news.
    trap 'exit 1' INT TERM HUP
    [ -d "$data" ] || make_data
    if [ -z "$(server)" ]; then
        end_of_killed
        # Nobody works in the data. What a killed server has left would stop this one, where other
        # processes have its numbers now.
        "${as_user[@]}" rm -f "$data/postmaster.pid" "$place/$socket" "$place/$socket.lock" "$place/log"
        # pg_ctl hands these paths to a shell, so they are plain ones: the server's own working folder is its
        # data, and ".." the place.
        if ! (
            cd "$place"
            "${as_user[@]}" "$programs/pg_ctl" start --silent --wait --timeout=60 -D data -l log \
                -o "-c listen_addresses= -c port=5432 -c unix_socket_directories=.. -c unix_socket_permissions=0700" \
                >"$answer" 2>&1 </dev/null 9<&-
        ); then
            cat "$place/log" >>"$answer" || true
            fail_with "PostgreSQL did not start"
        fi
    fi
    deadline=$((SECONDS + 60))
    until sql -d postgres -c "SELECT 1" >"$answer" 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || fail_with "PostgreSQL does not answer"
        sleep 0.05
    done
    sql -d postgres -v caller="$caller" >"$answer" 2>&1 <<'END' || fail_with "PostgreSQL has made no database"
SELECT format('CREATE ROLE %I SUPERUSER LOGIN', :'caller')
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'caller') \gexec
SELECT 'CREATE DATABASE presence'
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'presence') \gexec
END
    echo "postgresql:///presence?host=$(encoded "$place")"
}

# What a killed server had begun ends when it notices.
end_of_killed() {
    until_no processes 20 || fail "the server was killed, but these of its processes go on: $(processes | xargs)"
}

# SIGINT is PostgreSQL's fast end: connections are broken off, and everything is written down.
stop() {
    local pid
    pid=$(server)
    if [ -n "$pid" ]; then
        kill -INT "$pid"
        until_no server 60 || fail "PostgreSQL has not ended within a minute; its log is $place/log"
    fi
    end_of_killed
}

# One at a time.
exec 9<"$folder"
flock 9
if [ -L "$folder/elsewhere" ] && [ ! -d "$folder/elsewhere" ]; then
    echo "postgresql.sh: $(readlink "$folder/elsewhere"), where the data of $folder was, is no more" >&2
    rm "$folder/elsewhere"
fi
if [ "$command" != start ] && ! is_known; then exit 0; fi
choose_user
choose_place
case $command in
start)
    choose_programs
    start
    ;;
stop) stop ;;
remove)
    stop
    rm -rf "$place"/{data,unfinished,log} "$folder/elsewhere"
    rmdir "$place" "$folder" 2>/dev/null || true
    ;;
esac
