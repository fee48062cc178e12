# A private RabbitMQ 3.10 on loopback: one node, or a cluster of several, with a port mapper (epmd), a cookie and homes
# of its own. Sourced by scripts/services.
#
# Node N is remembered as `rabbitmq` (the first) or `rabbitmq-N`; its home in $SERVERS_DIR has the same name.

RABBITMQ_USER=$(server_user rabbitmq)

rabbitmq_nodes() { seq "${#AMQP_PORTS[@]}"; }
rabbitmq_server() { if [ "$1" = 1 ]; then echo rabbitmq; else echo "rabbitmq-$1"; fi; }
rabbitmq_node_name() { if [ "$1" = 1 ]; then echo "$RABBITMQ_NODE"; else echo "${RABBITMQ_NODE%@*}_$1@localhost"; fi; }

# The URIs of all nodes, separated by commas.
amqp_url() {
    local port urls=()
    for port in "${AMQP_PORTS[@]}"; do urls+=("amqp://guest:guest@127.0.0.1:$port/%2f"); done
    (IFS=, && echo "${urls[*]}")
}

# Debian's wrapper in the PATH insists on the system's home, cookie and user; the script behind it does not.
rabbitmq_program() { # rabbitmq_program NAME
    [ -x "/usr/lib/rabbitmq/bin/$1" ] ||
        fail "RabbitMQ is not installed (/usr/lib/rabbitmq/bin/$1 is missing); scripts/install-packages installs it"
    echo "/usr/lib/rabbitmq/bin/$1"
}

# rabbitmq_environment N: one NAME=VALUE a line, for the node and for rabbitmqctl alike.
# RUNNING_UNDER_SYSTEMD makes the start script replace itself by the node, without a shell in between.
# Busy waiting is off: on a small machine the schedulers would spin on cores that others need.
rabbitmq_environment() {
    local home=$SERVERS_DIR/$(rabbitmq_server "$1")
    cat <<ENVIRONMENT
HOME=$home
RABBITMQ_NODENAME=$(rabbitmq_node_name "$1")
RABBITMQ_MNESIA_BASE=$home/mnesia
RABBITMQ_LOG_BASE=$home/log
RABBITMQ_CONFIG_FILE=$home/rabbitmq.conf
RABBITMQ_CONF_ENV_FILE=$home/rabbitmq-env.conf
RABBITMQ_ENABLED_PLUGINS_FILE=$home/enabled_plugins
RABBITMQ_PID_FILE=$home/rabbitmq.pid
RABBITMQ_DIST_PORT=${DIST_PORTS[$1 - 1]}
RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none
ERL_EPMD_PORT=$EPMD_PORT
ERL_EPMD_ADDRESS=127.0.0.1
RUNNING_UNDER_SYSTEMD=true
ENVIRONMENT
}

create_rabbitmq_home() { # create_rabbitmq_home N
    local node home=$SERVERS_DIR/$(rabbitmq_server "$1")
    mkdir -p "$home/mnesia" "$home/log"
    # Erlang refuses a cookie that others could read. Nodes of a cluster have that of the first.
    if [ "$1" != 1 ]; then
        cp "$SERVERS_DIR/rabbitmq/.erlang.cookie" "$home/.erlang.cookie"
    elif [ ! -s "$home/.erlang.cookie" ]; then
        (umask 077 && random_hex 20 >"$home/.erlang.cookie")
    fi
    chmod 400 "$home/.erlang.cookie"
    : >"$home/rabbitmq-env.conf"
    echo '[].' >"$home/enabled_plugins"
    cat >"$home/rabbitmq.conf" <<CONFIGURATION
listeners.tcp.1 = 127.0.0.1:${AMQP_PORTS[$1 - 1]}
loopback_users.guest = true
vm_memory_high_watermark.absolute = 2GB
disk_free_limit.absolute = 100MB
log.file.level = warning
CONFIGURATION
    if [ "${#AMQP_PORTS[@]}" -gt 1 ]; then
        echo "cluster_formation.peer_discovery_backend = classic_config" >>"$home/rabbitmq.conf"
        for node in $(rabbitmq_nodes); do
            echo "cluster_formation.classic_config.nodes.$node = $(rabbitmq_node_name "$node")" >>"$home/rabbitmq.conf"
        done
    fi
    if [ "$(id -u)" = 0 ]; then chown -R "$RABBITMQ_USER" "$home"; fi
}

# The broker answers our protocol header with its first frame (frame type 1, a method).
amqp_answers() { # amqp_answers N
    local server port=${AMQP_PORTS[$1 - 1]}
    server=$(rabbitmq_server "$1")
    if gone "$server"; then
        fail "RabbitMQ ended while starting; $(last_lines "$SERVERS_DIR/$server/server.log")"
    fi
    [ "$(timeout 2 bash -c "exec 3<>/dev/tcp/127.0.0.1/$port && printf 'AMQP\0\0\11\1' >&3 && head -c 1 <&3" \
        2>/dev/null | od -An -tx1)" = " 01" ]
}

epmd_answers() {
    if gone epmd; then fail "epmd ended while starting"; fi
    timeout 2 bash -c "exec 3<>/dev/tcp/127.0.0.1/$EPMD_PORT" 2>/dev/null
}

# Started by us and not by a node, so that its process id is known and it ends with the instance.
start_epmd() {
    running epmd && return
    launch epmd "$RABBITMQ_USER" /dev/null epmd -address 127.0.0.1 -port "$EPMD_PORT"
    wait_until 10 epmd_answers || fail "epmd does not answer on 127.0.0.1:$EPMD_PORT"
}

launch_rabbitmq() { # launch_rabbitmq N
    local settings server
    server=$(rabbitmq_server "$1")
    running "$server" && return
    create_rabbitmq_home "$1"
    mapfile -t settings < <(rabbitmq_environment "$1")
    launch "$server" "$RABBITMQ_USER" "$SERVERS_DIR/$server/server.log" \
        env "${settings[@]}" "$(rabbitmq_program rabbitmq-server)"
}

await_rabbitmq() { # await_rabbitmq N
    wait_until 120 amqp_answers "$1" ||
        fail "RabbitMQ does not answer on 127.0.0.1:${AMQP_PORTS[$1 - 1]} after 120 s;
$(last_lines "$SERVERS_DIR/$(rabbitmq_server "$1")/server.log")"
}

# start_rabbitmq [N...]: some nodes, or all. The first one makes the cluster, then the others join it together.
start_rabbitmq() {
    local node nodes=("$@")
    [ $# -gt 0 ] || mapfile -t nodes < <(rabbitmq_nodes)
    rabbitmq_program rabbitmq-server >/dev/null || exit 1
    start_epmd
    if [ "${nodes[0]}" = 1 ]; then launch_rabbitmq 1 && await_rabbitmq 1; fi
    for node in "${nodes[@]}"; do launch_rabbitmq "$node"; done
    for node in "${nodes[@]}"; do await_rabbitmq "$node"; done
}

# stop_rabbitmq [--now] [N...]: some nodes, or all.
stop_rabbitmq() {
    local node nodes signal=(60 TERM)
    if [ "${1:-}" = --now ]; then
        signal=(0 KILL)
        shift
    fi
    nodes=("$@")
    [ $# -gt 0 ] || mapfile -t nodes < <(rabbitmq_nodes)
    for node in "${nodes[@]}"; do end "$(rabbitmq_server "$node")" "${signal[@]}"; done
    # Nodes that run have told it who they are, and would not tell another.
    for node in $(rabbitmq_nodes); do
        if running "$(rabbitmq_server "$node")"; then return; fi
    done
    end epmd 5 TERM
}

# The definitions go with the messages: the broker comes back as on the first day.
wipe_rabbitmq() {
    local node
    stop_rabbitmq --now
    for node in $(rabbitmq_nodes); do rm -rf "$SERVERS_DIR/$(rabbitmq_server "$node")"; done
}

# On the first node that runs.
rabbitmqctl_here() {
    local node settings
    for node in $(rabbitmq_nodes) 1; do
        if running "$(rabbitmq_server "$node")"; then break; fi
    done
    mapfile -t settings < <(rabbitmq_environment "$node")
    cd "$SERVERS_DIR" && as_user "$RABBITMQ_USER" env "${settings[@]}" "$(rabbitmq_program rabbitmqctl)" "$@"
}
