//! A retry policy in Rust to start from: it waits longer after each attempt, ten seconds, twenty, thirty and so on, and
//! gives up at once when the destination says it is gone.
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

const STEP_MS: i64 = 10_000;
const DELAY_MS_MAX: i64 = 86_400_000;

/// 5. Do the work: the same failure gives the same decision. Calls to one instance never overlap; calls to different
///    instances do.
unsafe extern "C" fn decide(
    instance: *mut Instance,
    _call: *const hks::Call,
    failure: *const hks::Failure,
    decision: *mut hks::RetryDecision,
) -> i32 {
    let instance = &*instance;
    hks::answer(instance.host, || {
        let failure = &*failure;
        if failure.outcome == hks::OUTCOME_GONE {
            (*decision).action = hks::GIVE_UP;
            return Ok(());
        }
        let wanted = (STEP_MS * i64::from(failure.attempt_number)).max(failure.retry_after_ms);
        (*decision).action = hks::AGAIN;
        (*decision).delay_ms = wanted.min(DELAY_MS_MAX);
        Ok(())
    })
}

/// 6. The calls of this kind.
static CALLS: hks::RetryPolicyCalls<Instance> =
    hks::RetryPolicyCalls { struct_size: hks::size_of::<hks::RetryPolicyCalls<Instance>>(), reserved: 0, decide };

/// 7. What tenants see: the name they write, a version, one sentence, and the JSON Schema of the settings.
const SCHEMA: &str = r#"{"type": "object", "additionalProperties": false}"#;

type Component = hks::Component<Instance, hks::RetryPolicyCalls<Instance>>;

static COMPONENT: hks::Constant<Component> = hks::Constant(hks::Component {
    struct_size: hks::size_of::<Component>(),
    flags: 0,
    name: hks::Bytes::of(b"TemplateRust"),
    version: hks::Bytes::of(b"1.0.0"),
    description: hks::Bytes::of(b"Waits ten seconds longer after each attempt."),
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
    if CStr::from_ptr(kind_id).to_bytes() == hks::KIND_RETRY_POLICY {
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
