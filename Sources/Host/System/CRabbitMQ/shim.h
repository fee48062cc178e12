/* librabbitmq for Swift: its headers, and what Swift cannot call by itself. */
#pragma once
#include <sys/time.h>
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <amqp_ssl_socket.h>
#include <amqp_framing.h>

/* Logs in by user and password, and says what this client understands, so that the broker tells it when a consumer
 * is cancelled from its side and when publishing is blocked. amqp_login_with_properties is variadic, which Swift
 * cannot call. `name` shows in the broker's list of connections. Everything passed is borrowed until return. */
static inline amqp_rpc_reply_t rabbit_login(amqp_connection_state_t state, const char *name, const char *vhost,
                                            int heartbeat_seconds, const char *user, const char *password) {
    amqp_table_entry_t capabilities[4];
    const char *names[4] = {"consumer_cancel_notify", "connection.blocked", "publisher_confirms", "basic.nack"};
    for (int index = 0; index < 4; index++) {
        capabilities[index].key = amqp_cstring_bytes(names[index]);
        capabilities[index].value.kind = AMQP_FIELD_KIND_BOOLEAN;
        capabilities[index].value.value.boolean = 1;
    }
    amqp_table_entry_t entries[2];
    entries[0].key = amqp_cstring_bytes("capabilities");
    entries[0].value.kind = AMQP_FIELD_KIND_TABLE;
    entries[0].value.value.table.num_entries = 4;
    entries[0].value.value.table.entries = capabilities;
    entries[1].key = amqp_cstring_bytes("connection_name");
    entries[1].value.kind = AMQP_FIELD_KIND_UTF8;
    entries[1].value.value.bytes = amqp_cstring_bytes(name);
    amqp_table_t properties = {2, entries};
    return amqp_login_with_properties(state, vhost, 0, AMQP_DEFAULT_FRAME_SIZE, heartbeat_seconds, &properties,
                                      AMQP_SASL_METHOD_PLAIN, user, password);
}
