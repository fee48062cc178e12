/* version.h - the version of this interface, and what it promises.
 *
 * THE PROMISE
 *   - Within one major version a library built against any minor loads in a host of any minor, older or newer.
 *   - Structs grow only at their end. Fields are never reordered, retyped or given another meaning. Each
 *     struct that may grow begins with `struct_size`, set by whoever fills it in to the size it was compiled
 *     with. The reader uses the smaller of that and its own, and reads what is missing as zero or null.
 *   - A retired slot stays where it is and holds null or zero.
 *   - Enumerators have explicit numbers, which are never used again for something else. What an unknown
 *     number means to its reader is written beside the enumeration.
 *   - A kind id ("hks.authenticator/1") never changes its meaning; a kind that must change gets a new id.
 *   - The major version rises only if one of these rules has to be broken. A host refuses a library of
 *     another major and names both numbers.
 *
 * WHY A PROMISE, NOT A HASH. An exact match between host and library would be simpler to check, but would
 * make each update of the host an update of everybody's plugins, on the same day.
 *
 * CHANGES
 *   1.0   version.h types.h host.h entry.h authenticator.h transformer.h retry_policy.h: first version.
 *   1.1   types.h: hks_sink.set_content_type, and HKS_HAS to ask for fields newer than 1.0.
 */
#ifndef HOOKSENTRY_VERSION_H
#define HOOKSENTRY_VERSION_H

/* "HKS1" read as a big-endian number. Leads every entry, so that an unrelated function which happens to be
 * called hks_plugin_entry is told apart from ours before anything else of its answer is read. */
#define HKS_MAGIC 0x484B5331u

/* The interface these headers describe. Plain literals, because binding generators read no function-like macros. */
#define HKS_ABI_MAJOR 1u
#define HKS_ABI_MINOR 1u

#endif
