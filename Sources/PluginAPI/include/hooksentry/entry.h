/* entry.h - how the host finds out what a library offers.
 *
 * Everything reached from the entry is constant: it is read at any time, by any thread, for the life of the
 * process. Keep it in static storage (C) or in memory that is allocated once and never freed (Swift; a
 * pointer from withUnsafePointer must not leave its closure).
 *
 * Describing is fast and has no side effects: entry and get_kind do no work beyond returning pointers.
 * `hooksentry plugin list` calls them on libraries that nobody has configured yet.
 */
#ifndef HOOKSENTRY_ENTRY_H
#define HOOKSENTRY_ENTRY_H

#include "host.h"
#include "types.h"
#include "version.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One thing a tenant can choose. */
typedef struct hks_component {
    uint32_t struct_size;
    /* None are defined in 1.0; must be 0. */
    uint32_t flags;

    /* What tenants write in a destination's settings: a letter, then letters, digits, '-' or '.'; at most 60
     * bytes. Unique within its kind across all libraries; of two libraries that claim a name, the one
     * found first keeps it and the other is refused. */
    hks_bytes name;
    /* Of the component, not of this interface: "1.4.0". At most 40 bytes. */
    hks_bytes version;
    /* One sentence for the person who chooses. At most 300 bytes. */
    hks_bytes description;
    /* A JSON Schema (draft 2020-12) whose root describes an object: the component's settings. Settings that
     * break it never reach create (`hooksentry plugin check` hands it some, to see that they do no harm). The
     * host knows these keywords and refuses a library that uses others, because skipping a rule in silence would
     * be worse:
     *   type enum const properties required additionalProperties items minItems maxItems minLength maxLength
     *   pattern minimum maximum exclusiveMinimum exclusiveMaximum format(uri, https-uri)
     *   title description default examples writeOnly $schema $id $comment
     * "writeOnly": true marks a secret: the host encrypts it at rest, never returns or logs it, and keeps its
     * value when an update leaves it out. Lengths count UTF-16 code units, as in the REST contract.
     * At most 64 KiB. */
    hks_bytes settings_schema;

    /* Makes an instance. All costly preparation belongs here (compiling a program, parsing a key): an instance
     * is kept and used for many calls.
     * host: good until destroy of this instance has returned.
     * settings: borrowed until return; one JSON object that satisfies settings_schema, secrets included.
     * instance: set it if, and only if, the result is HKS_OK. Owned, released by destroy.
     * HKS_INVALID_SETTINGS refuses the settings with the reported sentence.
     * [worker, one call at a time per instance] */
    int32_t (*create)(const hks_host *host, hks_bytes settings, hks_instance **instance);

    /* Frees all that create and later calls made. Called exactly once for each instance, never during another
     * of its calls. Wipe secrets (explicit_bzero) before freeing them.
     * [worker, one call at a time per instance] */
    void (*destroy)(hks_instance *instance);

    /* The functions of the component's kind: const hks_authenticator_calls *, hks_transformer_calls *, ... */
    const void *calls;
} hks_component;

/* The components of one kind in a library. */
typedef struct hks_kind {
    uint32_t struct_size;
    /* At least 1, at most 64. */
    uint32_t component_count;
    /* component_count pointers, none null. */
    const hks_component *const *components;
} hks_kind;

/* The ids of the kinds. A library answers NULL for each id it does not know, later ones included. */
#define HKS_KIND_AUTHENTICATOR "hks.authenticator/1"
#define HKS_KIND_TRANSFORMER "hks.transformer/1"
#define HKS_KIND_RETRY_POLICY "hks.retry-policy/1"

typedef struct hks_entry {
    /* HKS_MAGIC. */
    uint32_t magic;
    uint32_t struct_size;
    /* HKS_ABI_MAJOR and HKS_ABI_MINOR of the headers that the library was built with. */
    uint32_t abi_major;
    uint32_t abi_minor;
    /* The components of the kind with this id, or NULL.
     * kind_id: zero-terminated; borrowed until return. Result: constant.
     * [load-thread] */
    const hks_kind *(*get_kind)(const char *kind_id);
} hks_entry;

#if defined(__GNUC__)
#define HKS_EXPORT __attribute__((visibility("default")))
#else
#define HKS_EXPORT
#endif

/* The one symbol a plugin exports; hide all others (-fvisibility=hidden, or a version script).
 * host_abi_major: the host's HKS_ABI_MAJOR. A library that supports several majors may answer each in its own
 *   way; one that does not may ignore it, since the host compares the answer's abi_major itself.
 * Result: constant, or NULL for "not for this host". It is a function and not a variable because looking up
 * functions works the same everywhere, and because a function can choose.
 * [load-thread] */
HKS_EXPORT const hks_entry *hks_plugin_entry(uint32_t host_abi_major);

/* Its type, for the host's dlsym. */
typedef const hks_entry *(*hks_plugin_entry_fn)(uint32_t host_abi_major);

#ifdef __cplusplus
}
#endif

#endif
