//! A retry policy in Zig to start from: it waits longer after each attempt, ten seconds, twenty, thirty and so on, and
//! gives up at once when the destination says it is gone.
//!
//! 1. `make` builds it, `make test` holds it to the interface. Then change one step after the other.

const std = @import("std");
/// The C header, translated by the Makefile.
const hks = @import("hks.zig");

const allocator = std.heap.c_allocator;

fn bytes(text: []const u8) hks.hks_bytes {
    return .{ .data = text.ptr, .size = text.len };
}

fn slice(view: hks.hks_bytes) []const u8 {
    return if (view.size == 0) "" else view.data[0..@intCast(view.size)];
}

/// A status other than HKS_OK goes with a sentence for people; it must hold no secret.
fn refuse(host: [*c]const hks.hks_host, status: i32, sentence: []const u8) i32 {
    host.*.report.?(host, bytes(sentence), hks.HKS_NO_POSITION);
    return status;
}

/// 2. What one configured component keeps. The host only passes the pointer back.
const Instance = struct {
    host: [*c]const hks.hks_host,
};

fn own(instance: ?*hks.hks_instance) *Instance {
    return @ptrCast(@alignCast(instance.?));
}

/// 3. Make an instance: settings is one JSON object that satisfies the schema below; this component has none, so it
///    looks at nothing. To refuse settings, report a sentence and return HKS_INVALID_SETTINGS.
fn create(
    host: [*c]const hks.hks_host,
    settings: hks.hks_bytes,
    instance: [*c]?*hks.hks_instance,
) callconv(.c) i32 {
    _ = settings;
    const made = allocator.create(Instance) catch return refuse(host, hks.HKS_RETRYABLE, "There is no memory left.");
    made.* = .{ .host = host };
    instance.* = @ptrCast(made);
    return hks.HKS_OK;
}

/// 4. Free what create made. Called exactly once. Wipe secrets first.
fn destroy(instance: ?*hks.hks_instance) callconv(.c) void {
    allocator.destroy(own(instance));
}

const step_ms: i64 = 10_000;
const delay_ms_max: i64 = 86_400_000;

/// 5. Do the work: the same failure gives the same decision. Calls to one instance never overlap; calls to different
///    instances do.
fn decide(
    instance: ?*hks.hks_instance,
    call: [*c]const hks.hks_call,
    failure: [*c]const hks.hks_failure,
    decision: [*c]hks.hks_retry_decision,
) callconv(.c) i32 {
    _ = instance;
    _ = call;
    if (failure.*.outcome == hks.HKS_OUTCOME_GONE) {
        decision.*.action = hks.HKS_GIVE_UP;
        return hks.HKS_OK;
    }
    const wanted = @max(step_ms * @as(i64, failure.*.attempt_number), failure.*.retry_after_ms);
    decision.*.action = hks.HKS_AGAIN;
    decision.*.delay_ms = @min(wanted, delay_ms_max);
    return hks.HKS_OK;
}

/// 6. The calls of this kind.
const calls = hks.hks_retry_policy_calls{
    .struct_size = @sizeOf(hks.hks_retry_policy_calls),
    .decide = decide,
};

/// 7. What tenants see: the name they write, a version, one sentence, and the JSON Schema of the settings.
const schema =
    \\{"type": "object", "additionalProperties": false}
;

const component = hks.hks_component{
    .struct_size = @sizeOf(hks.hks_component),
    .flags = 0,
    .name = bytes("TemplateZig"),
    .version = bytes("1.0.0"),
    .description = bytes("Waits ten seconds longer after each attempt."),
    .settings_schema = bytes(schema),
    .create = create,
    .destroy = destroy,
    .calls = &calls,
};

const components = [_][*c]const hks.hks_component{&component};

const kind = hks.hks_kind{
    .struct_size = @sizeOf(hks.hks_kind),
    .component_count = 1,
    .components = &components,
};

/// 8. The id of the kind. Answer null for all others.
fn get_kind(kind_id: [*c]const u8) callconv(.c) [*c]const hks.hks_kind {
    const id = std.mem.span(@as([*:0]const u8, @ptrCast(kind_id)));
    return if (std.mem.eql(u8, id, hks.HKS_KIND_RETRY_POLICY)) &kind else null;
}

const entry = hks.hks_entry{
    .magic = hks.HKS_MAGIC,
    .struct_size = @sizeOf(hks.hks_entry),
    .abi_major = hks.HKS_ABI_MAJOR,
    .abi_minor = hks.HKS_ABI_MINOR,
    .get_kind = get_kind,
};

/// 9. The one symbol that is exported.
export fn hks_plugin_entry(host_abi_major: u32) callconv(.c) ?*const hks.hks_entry {
    _ = host_abi_major;
    return &entry;
}
