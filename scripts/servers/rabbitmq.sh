# A private RabbitMQ 3.10 node on loopback, with a port mapper (epmd), cookie and home of its own.
# Sourced by scripts/services.

RABBITMQ_USER=$(server_user rabbitmq)

amqp_url() { echo "amqp://guest:guest@127.0.0.1:$AMQP_PORT/%2f"; }

# Debian's wrapper in the PATH insists on the system's home, cookie and user; the script behind it does not.
rabbitmq_program() { # rabbitmq_program NAME
    [ -x "/usr/lib/rabbitmq/bin/$1" ] ||
        fail "RabbitMQ is not installed (/usr/lib/rabbitmq/bin/$1 is missing); scripts/install-packages installs it"
    echo "/usr/lib/rabbitmq/bin/$1"
}

# rabbitmq_environment: one NAME=VALUE a line, for the node and for rabbitmqctl alike.
# RUNNING_UNDER_SYSTEMD makes the start script replace itself by the node, without a shell in between.
# Busy waiting is off: on a small machine the schedulers would spin on cores that others need.
rabbitmq_environment() {
    local home=$SERVERS_DIR/rabbitmq
    cat <<ENVIRONMENT
HOME=$home
RABBITMQ_NODENAME=$RABBITMQ_NODE
RABBITMQ_MNESIA_BASE=$home/mnesia
RABBITMQ_LOG_BASE=$home/log
RABBITMQ_CONFIG_FILE=$home/rabbitmq.conf
RABBITMQ_CONF_ENV_FILE=$home/rabbitmq-env.conf
RABBITMQ_ENABLED_PLUGINS_FILE=$home/enabled_plugins
RABBITMQ_PID_FILE=$home/rabbitmq.pid
RABBITMQ_DIST_PORT=$DIST_PORT
RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none
ERL_EPMD_PORT=$EPMD_PORT
ERL_EPMD_ADDRESS=127.0.0.1
RUNNING_UNDER_SYSTEMD=true
ENVIRONMENT
}

create_rabbitmq_home() {
    local home=$SERVERS_DIR/rabbitmq
    mkdir -p "$home/mnesia" "$home/log"
    # Erlang refuses a cookie that others could read.
    [ -s "$home/.erlang.cookie" ] || (umask 077 && random_hex 20 >"$home/.erlang.cookie")
    chmod 400 "$home/.erlang.cookie"
    : >"$home/rabbitmq-env.conf"
    echo '[].' >"$home/enabled_plugins"
    cat >"$home/rabbitmq.conf" <<CONFIGURATION
listeners.tcp.1 = 127.0.0.1:$AMQP_PORT
loopback_users.guest = true
vm_memory_high_watermark.absolute = 2GB
disk_free_limit.absolute = 100MB
log.file.level = warning
CONFIGURATION
    if [ "$(id -u)" = 0 ]; then chown -R "$RABBITMQ_USER" "$home"; fi
}

# The broker answers our protocol header with its first frame (frame type 1, a method).
amqp_answers() {
    if gone rabbitmq; then
        fail "RabbitMQ ended while starting; $(last_lines "$SERVERS_DIR/rabbitmq/server.log")"
    fi
    [ "$(timeout 2 bash -c "exec 3<>/dev/tcp/127.0.0.1/$AMQP_PORT && printf 'AMQP\0\0\11\1' >&3 && head -c 1 <&3" \
        2>/dev/null | od -An -tx1)" = " 01" ]
}

epmd_answers() {
    if gone epmd; then fail "epmd ended while starting; $(last_lines "$SERVERS_DIR/rabbitmq/epmd.log")"; fi
    timeout 2 bash -c "exec 3<>/dev/tcp/127.0.0.1/$EPMD_PORT" 2>/dev/null
}

start_rabbitmq() {
    running rabbitmq && return
    local settings
    rabbitmq_program rabbitmq-server >/dev/null || exit 1
    create_rabbitmq_home
    mapfile -t settings < <(rabbitmq_environment)
    # Started by us and not by the node, so that its process id is known and it ends with the instance.
    if gone epmd; then
        launch epmd "$RABBITMQ_USER" "$SERVERS_DIR/rabbitmq/epmd.log" epmd -address 127.0.0.1 -port "$EPMD_PORT"
        wait_until 10 epmd_answers || fail "epmd does not answer on 127.0.0.1:$EPMD_PORT"
    fi
    launch rabbitmq "$RABBITMQ_USER" "$SERVERS_DIR/rabbitmq/server.log" \
        env "${settings[@]}" "$(rabbitmq_program rabbitmq-server)"
    wait_until 120 amqp_answers ||
        fail "RabbitMQ does not answer on 127.0.0.1:$AMQP_PORT after 120 s;
$(last_lines "$SERVERS_DIR/rabbitmq/server.log")"
}

stop_rabbitmq() {
    if [ "${1:-}" = --now ]; then end rabbitmq 0 KILL; else end rabbitmq 60 TERM; fi
    end epmd 5 TERM
}

# The definitions go with the messages: the node comes back as on the first day.
wipe_rabbitmq() {
    stop_rabbitmq --now
    rm -rf "$SERVERS_DIR/rabbitmq"
}

rabbitmqctl_here() {
    local settings
    mapfile -t settings < <(rabbitmq_environment)
    cd "$SERVERS_DIR" && as_user "$RABBITMQ_USER" env "${settings[@]}" "$(rabbitmq_program rabbitmqctl)" "$@"
}
