//! An authenticator in Rust to start from: it puts the event's id into a header of your choice.
//!
//! 1. `make` builds it, `make test` holds it to the interface. Then change one step after the other.

mod hks;

use std::ffi::{c_void, CStr};
use std::os::raw::c_char;

/// 2. What one configured component keeps. The host only passes the pointer back.
struct Instance {
    host: *const hks::Host,
    header_name: Vec<u8>,
}

/// 3. Make an instance: settings is one JSON object that satisfies the schema below. Do all costly preparation here. To
///    refuse settings for a reason that a schema cannot express, refuse with INVALID_SETTINGS.
unsafe extern "C" fn create(host: *const hks::Host, settings: hks::Bytes, instance: *mut *mut Instance) -> i32 {
    hks::answer(host, || {
        let header_name = header_name(settings.slice());
        if header_name.is_empty() || header_name.len() > 100 || header_name.contains(&b'\\') {
            return hks::refuse(hks::INVALID_SETTINGS, "headerName must have 1 to 100 characters, no escapes");
        }
        *instance = Box::into_raw(Box::new(Instance { host, header_name: header_name.to_vec() }));
        Ok(())
    })
}

/// The schema below leaves this component nothing but names in its settings: every second text between quotation marks
/// is a value. For anything richer, bring a JSON parser.
fn header_name(settings: &[u8]) -> &[u8] {
    let texts: Vec<&[u8]> = settings.split(|byte| *byte == b'"').skip(1).step_by(2).collect();
    let pair = texts.chunks(2).find(|pair| pair.len() == 2 && pair[0] == b"headerName");
    pair.map_or(b"X-Event-Id", |pair| pair[1])
}

/// 4. Free what create made. Called exactly once. Wipe secrets first.
unsafe extern "C" fn destroy(instance: *mut Instance) {
    drop(Box::from_raw(instance));
}

/// 5. Do the work: set headers, at most 32. Calls to one instance never overlap; calls to different instances do. What
///    call and request point to is borrowed until you return.
unsafe extern "C" fn authenticate(
    instance: *mut Instance,
    call: *const hks::Call,
    _request: *const hks::Request,
    authentication: *const hks::Authentication,
) -> i32 {
    let instance = &*instance;
    hks::answer(instance.host, || {
        let name = hks::Bytes::of(&instance.header_name);
        if ((*authentication).set_header)(authentication, name, (*call).event_id) != hks::OK {
            return hks::refuse(hks::PERMANENT, "The header was refused.");
        }
        Ok(())
    })
}

/// 6. The calls of this kind. fetched and rejected are for credentials that have to be fetched.
static CALLS: hks::AuthenticatorCalls<Instance> = hks::AuthenticatorCalls {
    struct_size: hks::size_of::<hks::AuthenticatorCalls<Instance>>(),
    reserved: 0,
    authenticate,
    fetched: None,
    rejected: None,
};

/// 7. What tenants see: the name they write, a version, one sentence, and the JSON Schema of the settings.
///    Mark secrets with "writeOnly": true.
const SCHEMA: &str = r#"{
  "type": "object", "additionalProperties": false,
  "properties": {"headerName": {
    "type": "string", "title": "Header name", "maxLength": 100,
    "pattern": "^[A-Za-z][A-Za-z0-9-]*$", "default": "X-Event-Id"
  }}
}"#;

type Component = hks::Component<Instance, hks::AuthenticatorCalls<Instance>>;

static COMPONENT: hks::Constant<Component> = hks::Constant(hks::Component {
    struct_size: hks::size_of::<Component>(),
    flags: 0,
    name: hks::Bytes::of(b"TemplateRust"),
    version: hks::Bytes::of(b"1.0.0"),
    description: hks::Bytes::of(b"Puts the event's id into a header of your choice."),
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
    if CStr::from_ptr(kind_id).to_bytes() == hks::KIND_AUTHENTICATOR {
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
