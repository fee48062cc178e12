/* load.c - posts events to the platform: one thread, epoll, kept connections.
 *
 *   load -p PORT -t PATH [-t PATH ...] [-H 'Name: value' ...] [-c CONNECTIONS] [-n EVENTS] [-r RATE] [-b BYTES]
 *
 * Without -r the loop is closed: each connection posts its next event when the last one is answered.
 * With -r events fall due at a fixed rate whatever the answers do, and latency counts from the due time,
 * so that a stall shows in every event it delays. Paths are used in turn. Prints one line of JSON.
 */
#define _GNU_SOURCE
#include "http.h"
#include "measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATHS_MAX = 64, CONNECTIONS_MAX = 1024, REQUEST_MAX = 1 << 21, RESPONSE_MAX = 1 << 14 };

typedef struct connection {
    int socket;
    int64_t due_ns;
    size_t request_size, sent, received;
    char *request;
    char response[RESPONSE_MAX + 1];
} connection;

static struct {
    const char *paths[PATHS_MAX];
    int path_count, port, connection_count;
    char headers[4096];
    long events;
    double rate;
    size_t bytes;
} options = {.connection_count = 64, .events = 10000, .bytes = 512};

static int poller;
static long started, finished, statuses[600];
static int64_t began_ns;
static histogram latencies;
static connection *idle[CONNECTIONS_MAX];
static int idle_count;

static void dial(connection *c) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (c->socket < 0 || connect(c->socket, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
    int on = 1;
    setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, c->socket, &event) != 0) die("epoll_ctl");
}

/* What fills events up: words and numbers, which compress about as well as payloads do. */
static char filling[REQUEST_MAX];

static void write_filling(void) {
    static const char *words[] = {"order", "customer", "invoice", "paid", "amount", "currency", "address", "created",
                                  "line item", "discount", "shipping", "reference", "tax", "status", "total", "note"};
    unsigned random = 1;
    for (size_t at = 0; at < sizeof filling - 64;) {
        random = random * 1664525u + 1013904223u;
        at += (size_t)sprintf(filling + at, "%s %x, ", words[random >> 28], random >> 8 & 0xfffff);
    }
}

/* Body and head of the next event. The moment inside the payload is the due time, for the receiver. */
static void write_request(connection *c) {
    static char body[REQUEST_MAX / 2];
    int length = snprintf(body, sizeof body, "{\"seq\":%ld,\"at\":%lld,\"type\":\"order.created\",\"pad\":\"", started,
                          (long long)c->due_ns);
    if ((size_t)length + 2 < options.bytes) {
        size_t wanted = options.bytes - 2 - (size_t)length;
        memcpy(body + length, filling + started % 4096, wanted);
        length += (int)wanted;
    }
    length += snprintf(body + length, 3, "\"}");
    c->request_size = (size_t)snprintf(
        c->request, REQUEST_MAX,
        "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s",
        options.paths[started % options.path_count], options.headers, length, body);
    c->sent = c->received = 0;
}

static void send_rest(connection *c) {
    while (c->sent < c->request_size) {
        ssize_t n = send(c->socket, c->request + c->sent, c->request_size - c->sent, MSG_NOSIGNAL);
        if (n < 0) die("send");
        c->sent += (size_t)n;
    }
}

static int64_t due_time(long number) {
    return options.rate > 0 ? began_ns + (int64_t)((double)number * 1e9 / options.rate) : now_ns();
}

/* Gives due events to idle connections; the nanoseconds until the next one, or -1 if answers come first. */
static int64_t start_due_events(void) {
    while (started < options.events && idle_count > 0) {
        int64_t due = due_time(started), wait = due - now_ns();
        if (options.rate > 0 && wait > 0) return wait;
        connection *c = idle[--idle_count];
        c->due_ns = due;
        write_request(c);
        started += 1;
        send_rest(c);
    }
    return -1;
}

static void read_answer(connection *c) {
    ssize_t n = recv(c->socket, c->response + c->received, RESPONSE_MAX - c->received, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
        fprintf(stderr, "load: the platform closed a connection\n");
        exit(1);
    }
    c->received += (size_t)n;
    c->response[c->received] = 0;
    message answer;
    if (!complete_message(c->response, c->received, &answer)) return;
    record(&latencies, now_ns() - c->due_ns);
    long status = strtol(answer.head + sizeof "HTTP/1.1", NULL, 10);
    statuses[status > 0 && status < 600 ? status : 0] += 1;
    finished += 1;
    idle[idle_count++] = c;
}

static void read_options(int count, char **arguments) {
    int option;
    while ((option = getopt(count, arguments, "p:t:H:c:n:r:b:")) != -1) {
        switch (option) {
        case 'p': options.port = atoi(optarg); break;
        case 't':
            if (options.path_count < PATHS_MAX) options.paths[options.path_count++] = optarg;
            break;
        case 'H': {
            size_t used = strlen(options.headers);
            snprintf(options.headers + used, sizeof options.headers - used, "%s\r\n", optarg);
            break;
        }
        case 'c': options.connection_count = atoi(optarg); break;
        case 'n': options.events = atol(optarg); break;
        case 'r': options.rate = atof(optarg); break;
        case 'b': options.bytes = strtoul(optarg, NULL, 10); break;
        default: exit(2);
        }
    }
    if (options.port == 0 || options.path_count == 0 || options.connection_count < 1 ||
        options.connection_count > CONNECTIONS_MAX || options.bytes > REQUEST_MAX / 2 - 200) {
        fprintf(stderr, "usage: load -p PORT -t PATH [-t PATH] [-H HEADER] [-c N] [-n N] [-r RATE] [-b BYTES]\n");
        exit(2);
    }
}

int main(int count, char **arguments) {
    read_options(count, arguments);
    write_filling();
    poller = epoll_create1(0);
    connection *connections = calloc((size_t)options.connection_count, sizeof *connections);
    for (int i = 0; i < options.connection_count; i++) {
        connections[i].request = malloc(REQUEST_MAX);
        dial(&connections[i]);
        idle[idle_count++] = &connections[i];
    }
    began_ns = now_ns();
    while (finished < options.events) {
        int64_t wait = start_due_events();
        struct timespec timeout = {.tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000};
        struct epoll_event events[256];
        int ready = epoll_pwait2(poller, events, 256, wait < 0 ? NULL : &timeout, NULL);
        for (int i = 0; i < ready; i++) read_answer(events[i].data.ptr);
    }
    double seconds = (double)(now_ns() - began_ns) / 1e9;
    printf("{\"events\":%ld,\"accepted\":%ld,\"seconds\":%.3f,\"per_second\":%.1f,", finished, statuses[202], seconds,
           (double)statuses[202] / seconds);
    print_latencies(&latencies);
    printf("}\n");
    return 0;
}
