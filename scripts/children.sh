# Long steps and servers of a script, so that a signal at any moment ends them. Sourced by what runs
# anything for long. Each child leads a process group of its own: the terminal's Ctrl-C reaches the script alone,
# which then ends its children in reverse order and waits for them.

# The host refuses plugins that a group could have written; what is built here is for its owner alone to change.
umask 022

children=()

# launch COMMAND...: in the background; $! is its process id.
launch() {
    set -m # Only job control gives a child a group and leaves its SIGINT alone.
    "$@" 8>&- &
    set +m
    children+=("$!")
}

# in_front COMMAND...: waits for the command, interruptibly, and answers its exit code.
in_front() {
    launch "$@"
    wait "$!"
    local code=$?
    unset 'children[-1]'
    return $code
}

group_gone() { ! kill -0 -- "-$1" 2>/dev/null; }

# end_child PID: asks politely, as Ctrl-C does; then firmly; then leaves no choice. A server may take
# its grace period to hand back what is in flight.
end_child() {
    local signal waited
    for signal in INT TERM KILL; do
        group_gone "$1" && break
        kill "-$signal" -- "-$1" 2>/dev/null
        for ((waited = 0; waited < 250; waited++)); do
            group_gone "$1" && break
            sleep 0.1
        done
    done
    wait "$1" 2>/dev/null
}

end_children() {
    local index
    for ((index = ${#children[@]} - 1; index >= 0; index--)); do
        end_child "${children[index]}"
    done
    children=()
}

# on_end FUNCTION: runs it once, whenever and however the script ends.
on_end() {
    # shellcheck disable=SC2064
    trap "trap '' INT TERM HUP; end_children; $1" EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}
