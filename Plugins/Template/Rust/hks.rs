//! The plugin interface of HookSentry, version 1.1, in Rust: the shapes of the C header, and a net under panics.
//!
//! The header says what each field means and who owns what; this file only repeats the layout. Structs grow at their
//! end, so it stays good for every later minor version.
#![allow(dead_code)]

use std::ffi::c_void;
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};

pub const MAGIC: u32 = 0x484B_5331;
pub const ABI_MAJOR: u32 = 1;
pub const ABI_MINOR: u32 = 1;

pub const OK: i32 = 0;
pub const INVALID_SETTINGS: i32 = 1;
pub const RETRYABLE: i32 = 2;
pub const PERMANENT: i32 = 3;
pub const INTERNAL: i32 = 4;
pub const NEED_FETCH: i32 = 5;

pub const NO_POSITION: u64 = u64::MAX;

pub const OUTCOME_GONE: u32 = 9;
pub const AGAIN: i32 = 1;
pub const GIVE_UP: i32 = 2;

pub const KIND_AUTHENTICATOR: &[u8] = b"hks.authenticator/1";
pub const KIND_TRANSFORMER: &[u8] = b"hks.transformer/1";
pub const KIND_RETRY_POLICY: &[u8] = b"hks.retry-policy/1";

/// A view of bytes that somebody else owns.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    pub data: *const u8,
    pub size: u64,
}

impl Bytes {
    pub const fn of(bytes: &[u8]) -> Bytes {
        Bytes { data: bytes.as_ptr(), size: bytes.len() as u64 }
    }

    /// # Safety
    /// Good as long as the view is: until the call that lent it returns.
    pub unsafe fn slice<'a>(self) -> &'a [u8] {
        if self.data.is_null() || self.size == 0 {
            return &[];
        }
        std::slice::from_raw_parts(self.data, self.size as usize)
    }
}

#[repr(C)]
pub struct Header {
    pub name: Bytes,
    pub value: Bytes,
}

#[repr(C)]
pub struct Call {
    pub struct_size: u32,
    pub attempt_number: u32,
    pub deadline_monotonic_ns: i64,
    pub tenant_id: Bytes,
    pub destination_id: Bytes,
    pub event_id: Bytes,
}

#[repr(C)]
pub struct Sink {
    pub struct_size: u32,
    pub reserved: u32,
    pub context: *mut c_void,
    pub size_max: u64,
    pub emit: unsafe extern "C" fn(*const Sink, Bytes) -> i32,
    /// Since 1.1: there only if `struct_size` reaches it.
    pub set_content_type: Option<unsafe extern "C" fn(*const Sink, Bytes) -> i32>,
}

#[repr(C)]
pub struct Host {
    pub struct_size: u32,
    pub abi_minor: u32,
    pub context: *mut c_void,
    pub report: unsafe extern "C" fn(*const Host, Bytes, u64),
    pub log: unsafe extern "C" fn(*const Host, i32, Bytes),
    pub wall_ms: unsafe extern "C" fn(*const Host) -> i64,
    pub monotonic_ns: unsafe extern "C" fn(*const Host) -> i64,
    pub random_bytes: unsafe extern "C" fn(*const Host, *mut u8, u64) -> i32,
    pub store: unsafe extern "C" fn(*const Host, Bytes, Bytes, i64) -> i32,
    pub load: unsafe extern "C" fn(*const Host, Bytes, *mut Bytes) -> i32,
    pub count: unsafe extern "C" fn(*const Host, Bytes, u64),
    pub cancelled: unsafe extern "C" fn(*const Host) -> i32,
    pub get_service: unsafe extern "C" fn(*const Host, Bytes) -> *const c_void,
}

#[repr(C)]
pub struct Request {
    pub struct_size: u32,
    pub header_count: u32,
    pub method: Bytes,
    pub url: Bytes,
    pub headers: *const Header,
    pub body: Bytes,
}

#[repr(C)]
pub struct FetchRequest {
    pub struct_size: u32,
    pub header_count: u32,
    pub method: Bytes,
    pub url: Bytes,
    pub headers: *const Header,
    pub body: Bytes,
}

#[repr(C)]
pub struct FetchResponse {
    pub struct_size: u32,
    pub http_status: u32,
    pub reserved: u32,
    pub header_count: u32,
    pub headers: *const Header,
    pub body: Bytes,
}

#[repr(C)]
pub struct Authentication {
    pub struct_size: u32,
    pub reserved: u32,
    pub context: *mut c_void,
    pub set_header: unsafe extern "C" fn(*const Authentication, Bytes, Bytes) -> i32,
    pub fetch: unsafe extern "C" fn(*const Authentication, *const FetchRequest) -> i32,
}

type Fetched<I> = unsafe extern "C" fn(*mut I, *const Call, *const FetchResponse) -> i32;
type Rejected<I> = unsafe extern "C" fn(*mut I, *const Call, u32) -> i32;

/// I: the plugin's own instance.
#[repr(C)]
pub struct AuthenticatorCalls<I> {
    pub struct_size: u32,
    pub reserved: u32,
    pub authenticate: unsafe extern "C" fn(*mut I, *const Call, *const Request, *const Authentication) -> i32,
    pub fetched: Option<Fetched<I>>,
    pub rejected: Option<Rejected<I>>,
}

#[repr(C)]
pub struct TransformerCalls<I> {
    pub struct_size: u32,
    pub reserved: u32,
    pub apply: unsafe extern "C" fn(*mut I, *const Call, Bytes, *const Sink) -> i32,
}

#[repr(C)]
pub struct Failure {
    pub struct_size: u32,
    pub attempt_number: u32,
    pub attempts_max: u32,
    pub outcome: u32,
    pub http_status: u32,
    pub reserved: u32,
    pub retry_after_ms: i64,
    pub elapsed_ms: i64,
    pub random: u64,
}

#[repr(C)]
pub struct RetryDecision {
    pub struct_size: u32,
    pub action: i32,
    pub delay_ms: i64,
}

#[repr(C)]
pub struct RetryPolicyCalls<I> {
    pub struct_size: u32,
    pub reserved: u32,
    pub decide: unsafe extern "C" fn(*mut I, *const Call, *const Failure, *mut RetryDecision) -> i32,
}

/// C: the calls of the component's kind.
#[repr(C)]
pub struct Component<I: 'static, C: 'static> {
    pub struct_size: u32,
    pub flags: u32,
    pub name: Bytes,
    pub version: Bytes,
    pub description: Bytes,
    pub settings_schema: Bytes,
    pub create: unsafe extern "C" fn(*const Host, Bytes, *mut *mut I) -> i32,
    pub destroy: unsafe extern "C" fn(*mut I),
    pub calls: &'static C,
}

#[repr(C)]
pub struct Kind {
    pub struct_size: u32,
    pub component_count: u32,
    pub components: *const *const c_void,
}

#[repr(C)]
pub struct Entry {
    pub magic: u32,
    pub struct_size: u32,
    pub abi_major: u32,
    pub abi_minor: u32,
    pub get_kind: unsafe extern "C" fn(*const c_char) -> *const Kind,
}

/// A table that nobody ever writes to, so that every thread may read the pointers in it.
#[repr(transparent)]
pub struct Constant<T>(pub T);
unsafe impl<T> Sync for Constant<T> {}

pub const fn size_of<T>() -> u32 {
    std::mem::size_of::<T>() as u32
}

/// Why a call is not answered with OK: a status, and a sentence for people without a secret.
pub struct Refusal {
    pub status: i32,
    pub sentence: String,
}

pub fn refuse<T>(status: i32, sentence: &str) -> Result<T, Refusal> {
    Err(Refusal { status, sentence: sentence.to_string() })
}

/// Runs the body of a call: a refusal is reported, and a panic ends here and not in the host.
///
/// # Safety
/// host: the one that create was given.
pub unsafe fn answer(host: *const Host, body: impl FnOnce() -> Result<(), Refusal>) -> i32 {
    let refusal = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return OK,
        Ok(Err(refusal)) => refusal,
        Err(_) => Refusal { status: INTERNAL, sentence: "There is a bug in this plugin.".to_string() },
    };
    ((*host).report)(host, Bytes::of(refusal.sentence.as_bytes()), NO_POSITION);
    refusal.status
}
