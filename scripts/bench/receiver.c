/* receiver.c - a destination that answers 200 at once and counts: one thread, epoll.
 *
 *   receiver -n EVENTS [-s SECONDS] [-k whsec_SECRET]
 *
 * Chooses a free port and prints it as its first line. Ends when EVENTS different sequence numbers have come,
 * or when nothing has come for SECONDS (default 30), and prints one line of JSON. With -k it verifies the
 * Standard Webhooks signature of every delivery. Reads "seq" and "at" from the payload as load.c writes it.
 */
#define _GNU_SOURCE
#include "http.h"
#include "measure.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MAX = 1 << 21 };

typedef struct connection {
    int socket;
    size_t received;
    char request[REQUEST_MAX + 1];
} connection;

static long expected, idle_seconds = 30;
static unsigned char key[256];
static int key_size;
static unsigned char *seen;
static long requests, unique, duplicates, strangers, bad_signatures;
static int64_t first_ns, last_ns;
static histogram latencies;

static void read_key(const char *secret) {
    const char *text = secret + strlen("whsec_");
    size_t length = strlen(text);
    if (strncmp(secret, "whsec_", 6) != 0 || length > 300) {
        fprintf(stderr, "receiver: a secret is whsec_ and base64\n");
        exit(2);
    }
    key_size = EVP_DecodeBlock(key, (const unsigned char *)text, (int)length);
    while (length > 0 && text[--length] == '=') key_size -= 1;
}

/* Standard Webhooks, scheme v1: base64 of the HMAC-SHA256 over "id.timestamp.body". */
static int signature_is_good(const message *delivery) {
    const char *end = delivery->body - 2;
    const char *id = field(delivery->head, end, "webhook-id");
    const char *moment = field(delivery->head, end, "webhook-timestamp");
    const char *signature = field(delivery->head, end, "webhook-signature");
    if (id == NULL || moment == NULL || signature == NULL) return 0;
    static unsigned char content[REQUEST_MAX + 512];
    unsigned char code[32], text[64];
    size_t id_size = strcspn(id, "\r"), moment_size = strcspn(moment, "\r");
    if (id_size + moment_size > 400) return 0;
    size_t size = (size_t)sprintf((char *)content, "%.*s.%.*s.", (int)id_size, id, (int)moment_size, moment);
    memcpy(content + size, delivery->body, delivery->body_size);
    HMAC(EVP_sha256(), key, key_size, content, size + delivery->body_size, code, NULL);
    EVP_EncodeBlock(text, code, sizeof code);
    return strncmp(signature, "v1,", 3) == 0 && strncmp(signature + 3, (char *)text, 44) == 0;
}

static long long number_after(const message *delivery, const char *name) {
    const char *found = memmem(delivery->body, delivery->body_size, name, strlen(name));
    return found == NULL ? -1 : strtoll(found + strlen(name), NULL, 10);
}

static void count_delivery(const message *delivery) {
    int64_t now = now_ns();
    long long number = number_after(delivery, "\"seq\":"), sent = number_after(delivery, "\"at\":");
    if (requests++ == 0) first_ns = now;
    last_ns = now;
    if (key_size > 0 && !signature_is_good(delivery)) bad_signatures += 1;
    if (number < 0 || number >= expected) {
        strangers += 1;
    } else if (seen[number]++ > 0) {
        duplicates += 1;
    } else {
        unique += 1;
        record(&latencies, now - sent);
    }
}

/* Answers every complete request in the buffer; 0 when the connection is over. */
static int serve(connection *c) {
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    ssize_t n = recv(c->socket, c->request + c->received, REQUEST_MAX - c->received, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 1;
    if (n <= 0) return 0;
    c->received += (size_t)n;
    c->request[c->received] = 0;
    message delivery;
    while (complete_message(c->request, c->received, &delivery)) {
        count_delivery(&delivery);
        if (send(c->socket, answer, sizeof answer - 1, MSG_NOSIGNAL) < 0) return 0;
        c->received -= delivery.size;
        memmove(c->request, c->request + delivery.size, c->received + 1);
    }
    return c->received < REQUEST_MAX;
}

static int listen_somewhere(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1024) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        die("listen");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

static void welcome(int listener, int poller) {
    int socket = accept4(listener, NULL, NULL, 0), on = 1;
    if (socket < 0) return;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection *c = malloc(sizeof *c);
    c->socket = socket;
    c->received = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_ADD, socket, &event);
}

static void read_options(int count, char **arguments) {
    int option;
    while ((option = getopt(count, arguments, "n:s:k:")) != -1) {
        switch (option) {
        case 'n': expected = atol(optarg); break;
        case 's': idle_seconds = atol(optarg); break;
        case 'k': read_key(optarg); break;
        default: exit(2);
        }
    }
    if (expected < 1) {
        fprintf(stderr, "usage: receiver -n EVENTS [-s IDLE_SECONDS] [-k whsec_SECRET]\n");
        exit(2);
    }
}

int main(int count, char **arguments) {
    read_options(count, arguments);
    seen = calloc((size_t)expected, 1);
    int poller = epoll_create1(0), listener = listen_somewhere(), ready = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[256];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    while (unique < expected && (ready = epoll_wait(poller, events, 256, (int)idle_seconds * 1000)) != 0) {
        for (int i = 0; i < ready; i++) {
            connection *c = events[i].data.ptr;
            if (c == NULL) {
                welcome(listener, poller);
            } else if (!serve(c)) {
                close(c->socket);
                free(c);
            }
        }
    }
    double seconds = (double)(last_ns - first_ns) / 1e9;
    printf("{\"requests\":%ld,\"unique\":%ld,\"missing\":%ld,\"duplicates\":%ld,\"strangers\":%ld,"
           "\"bad_signatures\":%ld,\"seconds\":%.3f,\"first_ns\":%lld,\"last_ns\":%lld,",
           requests, unique, expected - unique, duplicates, strangers, bad_signatures, seconds,
           (long long)first_ns, (long long)last_ns);
    print_latencies(&latencies);
    printf("}\n");
    return 0;
}
