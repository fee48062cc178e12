//! A transformer in Rust to start from: it wraps the payload, {"data": payload}.
//!
//! 1. `make` builds it, `make test` holds it to the interface. Then change one step after the other.

mod hks;

use std::ffi::{c_void, CStr};
use std::os::raw::c_char;

/// 2. What one configured component keeps. The host only passes the pointer back.
struct Instance {
    host: *const hks::Host,
}

/// 3. Make an instance: settings is one JSON object that satisfies the schema below; this component has none, so it
///    looks at nothing. To refuse settings, refuse with INVALID_SETTINGS.
unsafe extern "C" fn create(host: *const hks::Host, _settings: hks::Bytes, instance: *mut *mut Instance) -> i32 {
    hks::answer(host, || {
        *instance = Box::into_raw(Box::new(Instance { host }));
        Ok(())
    })
}

/// 4. Free what create made. Called exactly once. Wipe secrets first.
unsafe extern "C" fn destroy(instance: *mut Instance) {
    drop(Box::from_raw(instance));
}

/// 5. Do the work: emit the whole result exactly once, the same one for the same payload. Copy values byte for byte: a
///    number that goes through a double is a number changed. The payload may be anything; refuse what you cannot use.
unsafe extern "C" fn apply(
    instance: *mut Instance,
    _call: *const hks::Call,
    payload: hks::Bytes,
    output: *const hks::Sink,
) -> i32 {
    let instance = &*instance;
    hks::answer(instance.host, || {
        let payload = payload.slice();
        if payload.is_empty() {
            return hks::refuse(hks::PERMANENT, "The payload is empty.");
        }
        let text = [b"{\"data\":", payload, b"}"].concat();
        if text.len() as u64 > (*output).size_max {
            return hks::refuse(hks::PERMANENT, "The payload is too large to wrap.");
        }
        if ((*output).emit)(output, hks::Bytes::of(&text)) != hks::OK {
            return hks::refuse(hks::INTERNAL, "The result was refused.");
        }
        Ok(())
    })
}

/// 6. The calls of this kind.
static CALLS: hks::TransformerCalls<Instance> =
    hks::TransformerCalls { struct_size: hks::size_of::<hks::TransformerCalls<Instance>>(), reserved: 0, apply };

/// 7. What tenants see: the name they write, a version, one sentence, and the JSON Schema of the settings.
const SCHEMA: &str = r#"{"type": "object", "additionalProperties": false}"#;

type Component = hks::Component<Instance, hks::TransformerCalls<Instance>>;

static COMPONENT: hks::Constant<Component> = hks::Constant(hks::Component {
    struct_size: hks::size_of::<Component>(),
    flags: 0,
    name: hks::Bytes::of(b"TemplateRust"),
    version: hks::Bytes::of(b"1.0.0"),
    description: hks::Bytes::of(b"Wraps the payload in an object: {\"data\": payload}."),
    settings_schema: hks::Bytes::of(SCHEMA.as_bytes()),
    create,
    destroy,
    calls: &CALLS,
});

static COMPONENTS: hks::Constant<[*const c_void; 1]> = hks::Constant([&COMPONENT as *const _ as *const c_void]);

static KIND: hks::Constant<hks::Kind> = hks::Constant(hks::Kind {
    struct_size: hks::size_of::<hks::Kind>(),
    component_count: 1,
    components: &COMPONENTS as *const _ as *const *const c_void,
});

/// 8. The id of the kind. Answer null for all others.
unsafe extern "C" fn get_kind(kind_id: *const c_char) -> *const hks::Kind {
    if CStr::from_ptr(kind_id).to_bytes() == hks::KIND_TRANSFORMER {
        &KIND.0
    } else {
        std::ptr::null()
    }
}

static ENTRY: hks::Entry = hks::Entry {
    magic: hks::MAGIC,
    struct_size: hks::size_of::<hks::Entry>(),
    abi_major: hks::ABI_MAJOR,
    abi_minor: hks::ABI_MINOR,
    get_kind,
};

/// 9. The one symbol that is exported.
#[no_mangle]
pub extern "C" fn hks_plugin_entry(_host_abi_major: u32) -> *const hks::Entry {
    &ENTRY
}
