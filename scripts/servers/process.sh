# Starting, watching and ending the processes of one instance. Sourced by scripts/services.
#
# A process is remembered as "PID STARTTIME" in $RUN_DIR/NAME.pid. The start time (clock ticks since
# boot, field 22 of /proc/PID/stat) tells our process from a stranger who was given its number later.

fail() {
    echo "services: $*" >&2
    exit 1
}

# process_stat PID: the fields of /proc/PID/stat from the third (the state) on.
# The second is the program's name in parentheses, which may hold spaces and parentheses itself.
process_stat() {
    local line
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
    echo "${line##*) }"
}

# start_time PID: field 22 of its stat line; fails for a process that is gone or a zombie.
start_time() {
    local fields
    fields=$(process_stat "$1") || return 1
    set -- $fields
    [ "$1" != Z ] && echo "${20}"
}

remember() { # remember NAME PID
    local started
    started=$(start_time "$2") || return 1
    echo "$2 $started" >"$RUN_DIR/$1.pid"
}

# pid_of NAME: the process id if what we started under that name is still the same running process.
pid_of() {
    local pid started
    { read -r pid started <"$RUN_DIR/$1.pid"; } 2>/dev/null || return 1
    [ "$(start_time "$pid")" = "$started" ] && echo "$pid"
}

running() { pid_of "$1" >/dev/null; }
gone() { ! running "$1"; }

# wait_until SECONDS COMMAND...: polls until the command succeeds; fails when the time is up.
# A Ctrl-C is looked at here only: between a server's start and the note of its process id it must wait.
interrupted=
wait_until() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ -z "$interrupted" ] || fail "interrupted"
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# end NAME SECONDS SIGNAL: asks the process to stop, insists after SECONDS, forgets it.
end() {
    local name=$1 seconds=$2 signal=$3 pid
    if pid=$(pid_of "$name"); then
        kill "-$signal" "$pid"
        if ! wait_until "$seconds" gone "$name"; then
            kill -KILL "$pid" 2>/dev/null
            wait_until 10 gone "$name" || fail "process $pid ($name) does not end"
        fi
    fi
    rm -f "$RUN_DIR/$name.pid"
}

# server_user NAME: whom a server runs as. The servers refuse to run as root, or should.
server_user() {
    if [ "$(id -u)" != 0 ]; then
        id -un
    elif getent passwd "$1" >/dev/null; then
        echo "$1"
    else
        echo nobody
    fi
}

# as_user USER COMMAND...: with a clean environment, so that nobody's PGPORT or RABBITMQ_… leaks in.
as_user() {
    local user=$1 drop=()
    shift
    if [ "$(id -u)" = 0 ]; then
        drop=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --init-groups --)
    fi
    "${drop[@]}" env -i PATH="$PATH" LANG=C.UTF-8 HOME="$SERVERS_DIR" "$@"
}

# Closes what the caller happened to have open: a server outlives its starter, and somebody may be waiting
# for the end of a pipe or socket that it would hold (Foundation's Process waits for its child that way).
close_inherited() {
    local path descriptor
    for path in "/proc/$BASHPID/fd"/*; do
        descriptor=${path##*/}
        case "$descriptor" in 0 | 1 | 2 | 255) ;; *) eval "exec $descriptor>&-" 2>/dev/null ;; esac
    done
}

# launch NAME USER LOG COMMAND...: in a session of its own, so that a Ctrl-C in the terminal does not
# reach it. Every program in between replaces itself, so the id taken here is the server's own.
launch() {
    local name=$1 user=$2 log=$3 drop=()
    shift 3
    if [ "$(id -u)" = 0 ]; then
        drop=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --init-groups --)
    fi
    (
        cd "$SERVERS_DIR" || exit 1
        close_inherited
        exec setsid "${drop[@]}" env -i PATH="$PATH" LANG=C.UTF-8 HOME="$SERVERS_DIR" "$@" \
            >>"$log" 2>&1 </dev/null
    ) &
    remember "$name" "$!" || fail "$name ended at once; $(last_lines "$log")"
    disown "$!"
}

last_lines() {
    echo "the last lines of $1:"
    tail -n 20 "$1" 2>/dev/null | sed 's/^/    /'
}
