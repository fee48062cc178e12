# A private PostgreSQL 15 on loopback TCP, with a synchronous standby if the instance was made with one. Sourced by
# scripts/services.

POSTGRES_USER=$(server_user postgres)

postgres_program() { # postgres_program NAME
    local directory
    for directory in /usr/lib/postgresql/15/bin "$(pg_config --bindir 2>/dev/null)"; do
        [ -x "$directory/$1" ] && echo "$directory/$1" && return
    done
    fail "PostgreSQL 15 is not installed ($1 is missing); scripts/install-packages installs it"
}

# Of the server that was made first.
postgres_url() { echo "postgresql://hooksentry:$POSTGRES_PASSWORD@127.0.0.1:$POSTGRES_PORT/hooksentry"; }
standby_url() { echo "postgresql://hooksentry:$POSTGRES_PASSWORD@127.0.0.1:$POSTGRES_STANDBY_PORT/hooksentry"; }

# Of whichever server is the primary.
database_url() {
    if [ -z "$POSTGRES_STANDBY_PORT" ]; then
        postgres_url
    else
        local hosts=127.0.0.1:$POSTGRES_PORT,127.0.0.1:$POSTGRES_STANDBY_PORT
        echo "postgresql://hooksentry:$POSTGRES_PASSWORD@$hosts/hooksentry?target_session_attrs=read-write"
    fi
}

postgres_query() { PGCONNECT_TIMEOUT=5 psql -XqAt -d "${2:-$(postgres_url)}" -c "$1"; }

create_postgres_data() {
    local data=$SERVERS_DIR/postgres/data
    [ -s "$data/PG_VERSION" ] && return
    # What is there without a version is a first start that was cut off.
    rm -rf "$SERVERS_DIR/postgres"
    mkdir -p "$data"
    printf '%s\n' "$POSTGRES_PASSWORD" >"$SERVERS_DIR/postgres/password"
    chmod 700 "$data"
    chmod 600 "$SERVERS_DIR/postgres/password"
    if [ "$(id -u)" = 0 ]; then chown -R "$POSTGRES_USER" "$SERVERS_DIR/postgres"; fi
    (
        cd "$SERVERS_DIR" && as_user "$POSTGRES_USER" "$(postgres_program initdb)" -D "$data" \
            -U hooksentry --auth=scram-sha-256 --pwfile="$SERVERS_DIR/postgres/password" \
            -E UTF8 --locale=C.UTF-8 >"$SERVERS_DIR/initdb.log" 2>&1
    ) || fail "PostgreSQL could not create its data folder; $(last_lines "$SERVERS_DIR/initdb.log")"
}

postgres_answers() { # postgres_answers SERVER URL
    if gone "$1"; then
        fail "PostgreSQL ended while starting; $(last_lines "$SERVERS_DIR/$1/server.log")"
    fi
    postgres_query 'select 1' "$(sed 's|/hooksentry$|/postgres|' <<<"$2")" >/dev/null 2>&1
}

# A killed server that nobody has reaped yet (a container whose first process is slow at it) still answers
# kill(pid, 0), which PostgreSQL takes for a running server. Anyone else's lock file is left to PostgreSQL.
forget_dead_postmaster() { # forget_dead_postmaster SERVER
    local pid fields lock=$SERVERS_DIR/$1/data/postmaster.pid
    { read -r pid <"$lock"; } 2>/dev/null || return 0
    fields=$(process_stat "$pid") || return 0
    if [ "${fields%% *}" = Z ]; then rm -f "$lock"; fi
}

# Durability is left on: the fault tests and the benchmark mean nothing without it.
# POSTGRES_PRELOAD: NAME=VALUE words for the server's environment; a fault test preloads a library with them.
run_postgres() { # run_postgres SERVER PORT URL
    local preload
    read -r -a preload <<<"${POSTGRES_PRELOAD:-}"
    forget_dead_postmaster "$1"
    launch "$1" "$POSTGRES_USER" "$SERVERS_DIR/$1/server.log" \
        env "${preload[@]}" "$(postgres_program postgres)" -D "$SERVERS_DIR/$1/data" -p "$2" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
        -c fsync=on -c synchronous_commit=on -c max_connections=200 \
        -c shared_buffers=256MB -c max_wal_size=2GB -c min_wal_size=1GB -c logging_collector=off
    wait_until 60 postgres_answers "$1" "$3" ||
        fail "PostgreSQL does not answer on 127.0.0.1:$2 after 60 s;
$(last_lines "$SERVERS_DIR/$1/server.log")"
}

start_postgres() {
    running postgres && return
    postgres_program postgres >/dev/null || exit 1
    create_postgres_data
    run_postgres postgres "$POSTGRES_PORT" "$(postgres_url)"
    local admin
    admin=$(postgres_url | sed 's|/hooksentry$|/postgres|')
    if [ -z "$(postgres_query "select 1 from pg_database where datname = 'hooksentry'" "$admin")" ]; then
        postgres_query 'create database hooksentry' "$admin"
    fi
}

standby_is_synchronous() { [ "$(postgres_query 'select sync_state from pg_stat_replication')" = sync ]; }

# A copy of the running primary, which from then on waits for it with every commit.
create_standby_data() {
    local data=$SERVERS_DIR/postgres-standby/data
    [ -s "$data/PG_VERSION" ] && return
    rm -rf "$SERVERS_DIR/postgres-standby"
    mkdir -p "$SERVERS_DIR/postgres-standby"
    if [ "$(id -u)" = 0 ]; then chown -R "$POSTGRES_USER" "$SERVERS_DIR/postgres-standby"; fi
    (
        cd "$SERVERS_DIR" && as_user "$POSTGRES_USER" "$(postgres_program pg_basebackup)" -D "$data" -R -X stream \
            --checkpoint=fast -d "$(postgres_url)?application_name=standby" >"$SERVERS_DIR/basebackup.log" 2>&1
    ) || fail "PostgreSQL could not be copied; $(last_lines "$SERVERS_DIR/basebackup.log")"
}

start_postgres_standby() {
    running postgres-standby && return
    create_standby_data
    run_postgres postgres-standby "$POSTGRES_STANDBY_PORT" "$(standby_url)"
    [ "$(postgres_query 'select pg_is_in_recovery()' "$(standby_url)")" = t ] || return 0
    postgres_query "alter system set synchronous_standby_names = 'standby'" >/dev/null
    postgres_query 'select pg_reload_conf()' >/dev/null
    wait_until 30 standby_is_synchronous || fail "the standby does not follow its primary"
}

# The standby becomes the primary. What was the primary should be dead, and must not come back as one.
promote_standby() { postgres_query 'select pg_promote()' "$(standby_url)" >/dev/null; }

children_gone() { # children_gone PID...: none of them runs any more
    local pid
    for pid in "$@"; do
        if start_time "$pid" >/dev/null; then return 1; fi
    done
}

# SIGINT is the fast shutdown: clients are disconnected, everything committed is on disk.
# --now is a crash: the server process dies at once, its children notice and follow.
stop_postgres() { # stop_postgres [--now] [SERVER]
    local pid children now= server
    if [ "${1:-}" = --now ]; then
        now=yes
        shift
    fi
    server=${1:-postgres}
    if [ -n "$now" ] && pid=$(pid_of "$server"); then
        children=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
        end "$server" 0 KILL
        # shellcheck disable=SC2086
        wait_until 10 children_gone $children || fail "children of the killed PostgreSQL ($children) do not end"
    else
        end "$server" 60 INT
    fi
}

wipe_postgres() {
    stop_postgres --now postgres-standby
    stop_postgres --now
    rm -rf "$SERVERS_DIR/postgres" "$SERVERS_DIR/postgres-standby"
}
