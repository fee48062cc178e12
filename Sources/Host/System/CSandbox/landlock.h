/* Which files the calling thread, and all that it starts from then on, may read: Landlock (Linux 5.13 and later). */
#pragma once
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Shown to GNU sources alone. */
#ifndef O_PATH
#define O_PATH 010000000
#endif

enum {
    sandbox_landlock_all =
        LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE |
        LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
        LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
        LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
        LANDLOCK_ACCESS_FS_MAKE_SYM
};

/* A set of rules that forbids all files, as a descriptor; -1 if this kernel has no Landlock. */
static inline int sandbox_landlock_begin(void) {
    struct landlock_ruleset_attr rules = {.handled_access_fs = sandbox_landlock_all};
    return (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
}

/* Lets a file, or all files below a directory, be read. A path that does not exist needs no rule. */
static inline void sandbox_landlock_allow(int rules, const char *path, int is_directory) {
    int descriptor = open(path, O_PATH | O_CLOEXEC);
    if (descriptor < 0) return;
    uint64_t access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE;
    if (is_directory) access |= LANDLOCK_ACCESS_FS_READ_DIR;
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = descriptor};
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    close(descriptor);
}

/* From now on. Closes the descriptor. 0 if it holds. */
static inline int sandbox_landlock_enforce(int rules) {
    int result = (int)syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
    return result;
}
