/* hooksentry_plugin.h - everything a HookSentry plugin needs, in one include.
 *
 * A plugin is a shared library with one exported function, `hks_plugin_entry`. From it the host learns
 * which components the library offers: authenticators, transformers, retry policies. A tenant names a
 * component in a destination's settings; the host makes an instance of it and calls it for each attempt.
 *
 *   authenticator    decides which credentials go on an outgoing request         hooksentry/authenticator.h
 *   transformer      payload in, payload out, no side effect                     hooksentry/transformer.h
 *   retry policy     a failed attempt in, "again after this delay" or "give up"  hooksentry/retry_policy.h
 *
 * TRUST. The operator chooses where a library runs; the author need not know. In the host's own process it is
 * trusted like the host itself: it shares memory, and nothing can stop it from reading a secret or from
 * crashing. In a process of its own, which is the default for what did not come with the host, most of that
 * is taken from it (docs/plugins/isolation.md says what). Either way the host loads from configured
 * directories only, checks owner and mode of each file, can hold it to a list of digests, and never searches
 * the working folder. The rules below exist to make honest mistakes visible, not to contain malice.
 *
 * SANS-I/O. A plugin opens no socket and no file, starts no thread, never sleeps, installs no signal
 * handler and does not end the process. Where it needs the network (a token endpoint, say) it asks the
 * host, which sends the request under its own address rules and limits and comes back with the answer.
 * Time and chance come from the host, too, which makes every plugin repeatable in a test.
 *
 * THE LIFE OF A LIBRARY AND ITS INSTANCES
 *
 *   dlopen ── hks_plugin_entry ── get_kind (once per kind)                               [load-thread]
 *                                    │  components are read: name, version, schema
 *                                    ▼
 *                 settings are checked against the component's JSON Schema
 *                                    │
 *                                 create ──► instance ◄─┐                                [worker]
 *                                    │          │       │ the kind's calls, one at a time
 *                               not HKS_OK:     ▼       │ per instance
 *                               no instance   call ─────┘
 *                                               │
 *                                            destroy   exactly once per created instance [worker]
 *
 *   A library stays loaded for the life of the process: the runtimes of Swift and Go cannot be unloaded.
 *
 * THREADS. Every function carries one of three tags:
 *   [load-thread]  called on the thread that loads libraries, before any instance exists.
 *   [worker, one call at a time per instance]  called on a worker thread. Calls to one instance never
 *                  overlap, but may come from different threads; calls to different instances do overlap,
 *                  so anything the library keeps outside its instances needs its own lock.
 *   [any-thread]   may be called from inside any of the plugin's own calls, on that call's thread.
 *
 * OWNERSHIP. There are two phrases in these headers and no third:
 *   "borrowed until return"   the pointer is good until the call that received it returns. Copy to keep.
 *   "owned, released by X"    it lives until X is called on it.
 *   Outputs are pushed into a sink of the host's, which copies them before it returns. Neither side ever
 *   frees memory of the other's.
 *
 * ERRORS. Each call that can fail returns an HKS_ status. Before it returns anything but HKS_OK it calls
 * host->report with one sentence for people; the sentence is recorded on the attempt and shown to the
 * tenant, so it must hold no secret. No errno, no exception, no longjmp crosses this border.
 *
 * TIME. Each call carries a deadline. The host measures; a call that returns late has failed, whatever it
 * returned, and an instance, which serves one destination, is taken out of service for a while if it overruns
 * again and again.
 *
 * Start with `hooksentry plugin new`: it writes a working plugin of any kind, in C, C++, Swift, Rust or Zig.
 */
#ifndef HOOKSENTRY_PLUGIN_H
#define HOOKSENTRY_PLUGIN_H

#include "hooksentry/authenticator.h"
#include "hooksentry/entry.h"
#include "hooksentry/host.h"
#include "hooksentry/retry_policy.h"
#include "hooksentry/transformer.h"
#include "hooksentry/types.h"
#include "hooksentry/version.h"

#endif
