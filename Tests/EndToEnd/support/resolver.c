/* Preloaded into hooksentry: a resolver that answers as a test tells it.
 *
 * RESOLVER_ANSWERS names a file with a line for each name: the name and the addresses of its answers, an answer a
 * word, its addresses with commas between them. Each question takes the next answer; the last one stays. A question
 * is written down in the file with ".asked" behind its name. Every other name goes to the real resolver. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int resolve(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* How often the name was asked for, this time included. */
static int count_question(const char *path, const char *name) {
    char asked_path[4096], line[512];
    int count = 1;
    snprintf(asked_path, sizeof asked_path, "%s.asked", path);
    FILE *asked = fopen(asked_path, "a+");
    if (!asked) abort();
    rewind(asked);
    while (fgets(line, sizeof line, asked)) {
        line[strcspn(line, "\n")] = 0;
        count += strcmp(line, name) == 0;
    }
    fprintf(asked, "%s\n", name);
    fclose(asked);
    return count;
}

/* The answer to a question for a name of the file; 0 for any other name. */
static int find_answer(const char *name, char *answer, size_t size) {
    const char *path = getenv("RESOLVER_ANSWERS");
    FILE *file = path ? fopen(path, "r") : NULL;
    char line[4096], *rest;
    int found = 0;
    if (!file) return 0;
    while (!found && fgets(line, sizeof line, file)) {
        char *word = strtok_r(line, " \n", &rest);
        if (!word || strcmp(word, name) != 0) continue;
        for (int left = count_question(path, name); left > 0 && (word = strtok_r(NULL, " \n", &rest)); left--) {
            snprintf(answer, size, "%s", word);
            found = 1;
        }
    }
    fclose(file);
    return found;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    resolve *real = (resolve *)dlsym(RTLD_NEXT, "getaddrinfo");
    char answer[1024], *rest;
    pthread_mutex_lock(&lock);
    int found = name && find_answer(name, answer, sizeof answer);
    pthread_mutex_unlock(&lock);
    if (!found) return real(name, service, hints, result);

    struct addrinfo wish = hints ? *hints : (struct addrinfo){0}, *first = NULL, **next = &first;
    wish.ai_family = AF_UNSPEC;
    wish.ai_flags |= AI_NUMERICHOST;
    for (char *word = strtok_r(answer, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        /* freeaddrinfo frees such a list piece by piece. */
        if (real(word, service, &wish, next) != 0) abort();
        while (*next) next = &(*next)->ai_next;
    }
    *result = first;
    return first ? 0 : EAI_NONAME;
}
