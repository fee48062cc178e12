# The state folder of one instance: ports, names, secrets. Sourced by scripts/services.
#
#   $RUN_DIR/settings     ports, node name and passwords, as shell assignments, mode 600
#   $RUN_DIR/master.key   the platform's master key: base64 of 32 random bytes, mode 600
#   $RUN_DIR/servers      data and logs of the servers, or a link to a folder elsewhere (below)
#   $RUN_DIR/NAME.pid     the processes (process.sh)

random_hex() { head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

# free_ports COUNT: TCP ports of 127.0.0.1 that can be bound now.
# Below the range of outgoing connections: a server that is stopped for a while must find its port free
# again, and a client that keeps dialling a closed port inside that range sooner or later reaches itself.
free_ports() {
    python3 - "$1" <<'PYTHON'
import random, socket, sys
with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
    first_outgoing = int(file.read().split()[0])
held = []
while len(held) < int(sys.argv[1]):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", random.randrange(10_000, max(first_outgoing, 11_000))))
    except OSError:
        continue
    listener.listen()
    held.append(listener)
print(*(listener.getsockname()[1] for listener in held))
PYTHON
}

port_is_free() {
    python3 - "$1" <<'PYTHON'
import socket, sys
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    listener.bind(("127.0.0.1", int(sys.argv[1])))
    listener.listen()
except OSError:
    sys.exit(1)
PYTHON
}

# has_state: whether anything was ever set up in this RUN_DIR.
has_state() { [ -r "$RUN_DIR/settings" ]; }

load_settings() {
    # shellcheck source=/dev/null
    . "$RUN_DIR/settings"
    # An instance of before there were clusters and standbys has one node and none.
    if [ -n "${AMQP_PORT:-}" ]; then AMQP_PORTS=("$AMQP_PORT") && DIST_PORTS=("$DIST_PORT"); fi
    POSTGRES_STANDBY_PORT=${POSTGRES_STANDBY_PORT:-}
    SERVERS_DIR=$(readlink -f "$RUN_DIR/servers")
}

save_settings() {
    (
        umask 077
        cat >"$RUN_DIR/settings.new" <<SETTINGS
POSTGRES_PORT=$POSTGRES_PORT
POSTGRES_PASSWORD=$POSTGRES_PASSWORD
POSTGRES_STANDBY_PORT=$POSTGRES_STANDBY_PORT
AMQP_PORTS=(${AMQP_PORTS[*]})
DIST_PORTS=(${DIST_PORTS[*]})
EPMD_PORT=$EPMD_PORT
RABBITMQ_NODE=$RABBITMQ_NODE
SETTINGS
        mv "$RUN_DIR/settings.new" "$RUN_DIR/settings"
    )
}

create_settings() {
    local fresh nodes=${HOOKSENTRY_RABBITMQ_NODES:-1}
    read -r -a fresh < <(free_ports $((3 + 2 * nodes)))
    POSTGRES_PORT=${HOOKSENTRY_POSTGRES_PORT:-${fresh[0]}}
    POSTGRES_STANDBY_PORT=
    if [ -n "${HOOKSENTRY_POSTGRES_STANDBY:-}" ]; then POSTGRES_STANDBY_PORT=${fresh[1]}; fi
    EPMD_PORT=${fresh[2]}
    AMQP_PORTS=("${fresh[@]:3:nodes}")
    AMQP_PORTS[0]=${HOOKSENTRY_AMQP_PORT:-${AMQP_PORTS[0]}}
    DIST_PORTS=("${fresh[@]:3 + nodes:nodes}")
    POSTGRES_PASSWORD=$(random_hex 16)
    RABBITMQ_NODE=hooksentry_$(random_hex 4)@localhost
    save_settings
}

# usable_by USER DIRECTORY: whether that user can reach and enter the directory.
usable_by() {
    [ "$(id -u)" != 0 ] || setpriv "--reuid=$1" "--regid=$(id -g "$1")" --init-groups -- test -x "$2/."
}

# The servers run as users of their own, who may be unable to reach this folder (a checkout in a home
# directory, for instance). Their data then lives in a temporary folder, and `servers` links to it.
create_servers_folder() {
    local user home=$RUN_DIR/servers
    [ -d "$home/." ] && return
    rm -f "$home" # A link whose target a reboot has cleaned away.
    mkdir "$home"
    for user in "$(server_user postgres)" "$(server_user rabbitmq)"; do
        if ! usable_by "$user" "$home"; then
            rmdir "$home"
            home=$(mktemp -d "${TMPDIR:-/tmp}/hooksentry-servers.XXXXXX")
            chmod 755 "$home"
            usable_by "$user" "$home" ||
                fail "the user '$user' cannot reach $home; set TMPDIR to a folder that everyone can enter"
            ln -s "$home" "$RUN_DIR/servers"
            return
        fi
    done
}

create_state() {
    [ -w "$RUN_DIR" ] || fail "$RUN_DIR is not writable"
    if [ -O "$RUN_DIR" ]; then chmod go+x "$RUN_DIR"; fi
    create_servers_folder
    has_state || create_settings
    if [ ! -s "$RUN_DIR/master.key" ]; then
        (umask 077 && head -c 32 /dev/urandom | base64 >"$RUN_DIR/master.key")
    fi
}

remove_state() {
    rm -rf "$(readlink -f "$RUN_DIR/servers")" "$RUN_DIR/servers" "$RUN_DIR/settings" "$RUN_DIR/master.key"
}
