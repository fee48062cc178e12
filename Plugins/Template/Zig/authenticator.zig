//! An authenticator in Zig to start from: it puts the event's id into a header of your choice.
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
    header_name: [100]u8,
    header_name_size: usize,
};

fn own(instance: ?*hks.hks_instance) *Instance {
    return @ptrCast(@alignCast(instance.?));
}

/// 3. Make an instance: settings is one JSON object that satisfies the schema below. Do all costly preparation here. To
///    refuse settings for a reason that a schema cannot express, report it and return HKS_INVALID_SETTINGS.
fn create(
    host: [*c]const hks.hks_host,
    settings: hks.hks_bytes,
    instance: [*c]?*hks.hks_instance,
) callconv(.c) i32 {
    const name = header_name(slice(settings));
    var plain = name.len > 0 and name.len <= 100;
    for (name) |byte| plain = plain and byte != '\\';
    if (!plain) {
        return refuse(host, hks.HKS_INVALID_SETTINGS, "headerName must have 1 to 100 characters, no escapes");
    }
    const made = allocator.create(Instance) catch return refuse(host, hks.HKS_RETRYABLE, "There is no memory left.");
    made.* = .{ .host = host, .header_name = undefined, .header_name_size = name.len };
    @memcpy(made.header_name[0..name.len], name);
    instance.* = @ptrCast(made);
    return hks.HKS_OK;
}

/// The schema below leaves this component nothing but names in its settings: every second text between quotation marks
/// is a value. For anything richer, use a JSON parser.
fn header_name(settings: []const u8) []const u8 {
    var found: []const u8 = "X-Event-Id";
    var texts = std.mem.splitScalar(u8, settings, '"');
    _ = texts.next();
    while (texts.next()) |word| {
        _ = texts.next() orelse break;
        const value = texts.next() orelse break;
        _ = texts.next() orelse break;
        if (std.mem.eql(u8, word, "headerName")) found = value;
    }
    return found;
}

/// 4. Free what create made. Called exactly once. Wipe secrets first.
fn destroy(instance: ?*hks.hks_instance) callconv(.c) void {
    allocator.destroy(own(instance));
}

/// 5. Do the work: set headers, at most 32. Calls to one instance never overlap; calls to different instances do. What
///    call and request point to is borrowed until you return.
fn authenticate(
    instance: ?*hks.hks_instance,
    call: [*c]const hks.hks_call,
    request: [*c]const hks.hks_request,
    authentication: [*c]const hks.hks_authentication,
) callconv(.c) i32 {
    _ = request;
    const self = own(instance);
    const name = bytes(self.header_name[0..self.header_name_size]);
    if (authentication.*.set_header.?(authentication, name, call.*.event_id) != hks.HKS_OK) {
        return refuse(self.host, hks.HKS_PERMANENT, "The header was refused.");
    }
    return hks.HKS_OK;
}

/// 6. The calls of this kind. Add .fetched and .rejected for credentials that have to be fetched.
const calls = hks.hks_authenticator_calls{
    .struct_size = @sizeOf(hks.hks_authenticator_calls),
    .authenticate = authenticate,
};

/// 7. What tenants see: the name they write, a version, one sentence, and the JSON Schema of the settings. Mark secrets
///    with "writeOnly": true.
const schema =
    \\{
    \\  "type": "object", "additionalProperties": false,
    \\  "properties": {"headerName": {
    \\    "type": "string", "title": "Header name", "maxLength": 100,
    \\    "pattern": "^[A-Za-z][A-Za-z0-9-]*$", "default": "X-Event-Id"
    \\  }}
    \\}
;

const component = hks.hks_component{
    .struct_size = @sizeOf(hks.hks_component),
    .flags = 0,
    .name = bytes("TemplateZig"),
    .version = bytes("1.0.0"),
    .description = bytes("Puts the event's id into a header of your choice."),
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
    return if (std.mem.eql(u8, id, hks.HKS_KIND_AUTHENTICATOR)) &kind else null;
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
