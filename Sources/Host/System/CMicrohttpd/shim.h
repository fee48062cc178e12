/* What Swift cannot say to libmicrohttpd itself: its constructor and its questions are variadic. */
#pragma once
#include <sys/socket.h>
#include <netinet/in.h>
#include <microhttpd.h>

/* glibc hides it without _GNU_SOURCE, which a module's headers cannot rely on. */
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);

/* Named here, because Swift loses sight of SOCK_STREAM and its like when two modules bring <sys/socket.h>. */
static const int microhttpd_stream = SOCK_STREAM;
/* Non-blocking, and closed in programs we start. */
static const int microhttpd_socket_flags = SOCK_NONBLOCK | SOCK_CLOEXEC;

struct microhttpd_settings {
    /* Event loops, each with its share of the connections. */
    unsigned int threads;
    unsigned int connections_max;
    /* 0: no limit. */
    unsigned int connections_per_address_max;
    /* Of silence, after which MHD closes a connection. */
    unsigned int timeout_seconds;
    /* Memory pool of one connection: request line, headers, input buffer and the headers of the answer. */
    size_t connection_memory_bytes;
    MHD_AccessHandlerCallback access;
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback notify_connection;
    /* Handed to all callbacks; must live until MHD_stop_daemon has returned. */
    void *context;
};

/* Leaves percent escapes as they came: the router decodes them itself and refuses bad ones. */
static inline size_t microhttpd_keep_escapes(void *context, struct MHD_Connection *connection, char *text) {
    (void)context;
    (void)connection;
    size_t length = 0;
    while (text[length] != 0) length += 1;
    return length;
}

/* A daemon without a listening socket: connections come through MHD_add_connection.
   Null on failure; errno then says why, if the system was the cause. */
static inline struct MHD_Daemon *microhttpd_start(const struct microhttpd_settings *settings) {
    return MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO | MHD_USE_NO_LISTEN_SOCKET,
        0, NULL, NULL,
        settings->access, settings->context,
        /* A pool of one is refused; without a pool there is one thread anyway. */
        MHD_OPTION_THREAD_POOL_SIZE, settings->threads > 1 ? settings->threads : 0,
        MHD_OPTION_CONNECTION_LIMIT, settings->connections_max,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings->connections_per_address_max,
        MHD_OPTION_CONNECTION_TIMEOUT, settings->timeout_seconds,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings->connection_memory_bytes,
        MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_UNESCAPE_CALLBACK, &microhttpd_keep_escapes, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, settings->completed, settings->context,
        MHD_OPTION_NOTIFY_CONNECTION, settings->notify_connection, settings->context,
        MHD_OPTION_END);
}

/* The peer's address, borrowed until the connection ends; null if MHD has none. */
static inline const struct sockaddr *microhttpd_client_address(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}

static inline int microhttpd_descriptor(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/* What the connection's `started` notification left there. */
static inline void *microhttpd_socket_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* Bytes of the request line and the headers together. */
static inline size_t microhttpd_header_bytes(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info ? info->header_size : 0;
}
