/* layout.c - pins the layout that version 1.x promises. Nothing here is code: if one of these lines stops
 * compiling, a published struct has changed, and plugins built against it would read the wrong bytes. */
#include <hooksentry_plugin.h>

#include <assert.h>
#include <stddef.h>

#define SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type " has changed its size")
#define OFFSET(type, field, bytes) static_assert(offsetof(type, field) == (bytes), #type "." #field " has moved")

#if UINTPTR_MAX == UINT64_MAX

SIZE(hks_bytes, 16);
OFFSET(hks_bytes, size, 8);

SIZE(hks_header, 32);
OFFSET(hks_header, value, 16);

SIZE(hks_call, 64);
OFFSET(hks_call, attempt_number, 4);
OFFSET(hks_call, deadline_monotonic_ns, 8);
OFFSET(hks_call, tenant_id, 16);
OFFSET(hks_call, destination_id, 32);
OFFSET(hks_call, event_id, 48);

SIZE(hks_sink, 40);
OFFSET(hks_sink, context, 8);
OFFSET(hks_sink, size_max, 16);
OFFSET(hks_sink, emit, 24);
OFFSET(hks_sink, set_content_type, 32);

SIZE(hks_host, 96);
OFFSET(hks_host, abi_minor, 4);
OFFSET(hks_host, context, 8);
OFFSET(hks_host, report, 16);
OFFSET(hks_host, log, 24);
OFFSET(hks_host, wall_ms, 32);
OFFSET(hks_host, monotonic_ns, 40);
OFFSET(hks_host, random_bytes, 48);
OFFSET(hks_host, store, 56);
OFFSET(hks_host, load, 64);
OFFSET(hks_host, count, 72);
OFFSET(hks_host, cancelled, 80);
OFFSET(hks_host, get_service, 88);

SIZE(hks_component, 96);
OFFSET(hks_component, flags, 4);
OFFSET(hks_component, name, 8);
OFFSET(hks_component, version, 24);
OFFSET(hks_component, description, 40);
OFFSET(hks_component, settings_schema, 56);
OFFSET(hks_component, create, 72);
OFFSET(hks_component, destroy, 80);
OFFSET(hks_component, calls, 88);

SIZE(hks_kind, 16);
OFFSET(hks_kind, component_count, 4);
OFFSET(hks_kind, components, 8);

SIZE(hks_entry, 24);
OFFSET(hks_entry, magic, 0);
OFFSET(hks_entry, struct_size, 4);
OFFSET(hks_entry, abi_major, 8);
OFFSET(hks_entry, abi_minor, 12);
OFFSET(hks_entry, get_kind, 16);

SIZE(hks_request, 64);
OFFSET(hks_request, header_count, 4);
OFFSET(hks_request, method, 8);
OFFSET(hks_request, url, 24);
OFFSET(hks_request, headers, 40);
OFFSET(hks_request, body, 48);

SIZE(hks_fetch_request, 64);
OFFSET(hks_fetch_request, header_count, 4);
OFFSET(hks_fetch_request, method, 8);
OFFSET(hks_fetch_request, url, 24);
OFFSET(hks_fetch_request, headers, 40);
OFFSET(hks_fetch_request, body, 48);

SIZE(hks_fetch_response, 40);
OFFSET(hks_fetch_response, http_status, 4);
OFFSET(hks_fetch_response, reserved, 8);
OFFSET(hks_fetch_response, header_count, 12);
OFFSET(hks_fetch_response, headers, 16);
OFFSET(hks_fetch_response, body, 24);

SIZE(hks_authentication, 32);
OFFSET(hks_authentication, context, 8);
OFFSET(hks_authentication, set_header, 16);
OFFSET(hks_authentication, fetch, 24);

SIZE(hks_authenticator_calls, 32);
OFFSET(hks_authenticator_calls, authenticate, 8);
OFFSET(hks_authenticator_calls, fetched, 16);
OFFSET(hks_authenticator_calls, rejected, 24);

SIZE(hks_transformer_calls, 16);
OFFSET(hks_transformer_calls, apply, 8);

SIZE(hks_failure, 48);
OFFSET(hks_failure, attempt_number, 4);
OFFSET(hks_failure, attempts_max, 8);
OFFSET(hks_failure, outcome, 12);
OFFSET(hks_failure, http_status, 16);
OFFSET(hks_failure, reserved, 20);
OFFSET(hks_failure, retry_after_ms, 24);
OFFSET(hks_failure, elapsed_ms, 32);
OFFSET(hks_failure, random, 40);

SIZE(hks_retry_decision, 16);
OFFSET(hks_retry_decision, action, 4);
OFFSET(hks_retry_decision, delay_ms, 8);

SIZE(hks_retry_policy_calls, 16);
OFFSET(hks_retry_policy_calls, decide, 8);

#endif
