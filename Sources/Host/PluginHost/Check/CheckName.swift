/// The checks of `plugin check`, in the order in which they run. A name never changes its meaning: scripts read it.
/// docs/plugins/checks.md tells what each one does.
enum CheckName: String, CaseIterable, Sendable {
    // Of a library.
    case file, load, describe, constant, version, kinds
    // Of each component. The last two end the process when a plugin breaks their rule, so everything that can be said
    // without that is said before.
    case schema, create, settings
    case brokenSettings = "broken-settings"
    case balance, work
    case callBalance = "call-balance"
    case repeatability, monotone, json, secrets, injection, fetch, deadline, concurrency, footprint, fuzz
    case bounds, ownership
}
