import PluginAPI
import Ports

/// The constants of the header family that reach Swift only here: it does not import macros that are made by
/// other macros (UINT32_C). The fault plugins are built with the header's own values, so a difference shows there.
enum Interface {
    /// HKS_MAGIC
    static let magic: UInt32 = 0x484B_5331
    /// HKS_ABI_MAJOR
    static let major: UInt32 = 1
    /// HKS_ABI_MINOR
    static let minor: UInt32 = 1
    /// HKS_NO_POSITION
    static let noPosition = UInt64.max
    /// The one symbol a library exports.
    static let entrySymbol = "hks_plugin_entry"
    /// Asked for at load, to see that a library answers NULL for what it does not know.
    static let unknownKind = "hks.unknown/1"

    static let componentsPerKindMax = 64
    static let nameBytesMax = PluginDescription.nameBytesMax
    static let versionBytesMax = 40
    static let descriptionBytesMax = 300
    static let schemaBytesMax = 64 << 10
    static let retryDelayMillisecondsMax: Int64 = 2_592_000_000
}

/// The statuses of types.h as the functions return them.
enum Status {
    static let ok = Int32(HKS_OK)
    static let invalidSettings = Int32(HKS_INVALID_SETTINGS)
    static let retryable = Int32(HKS_RETRYABLE)
    static let permanent = Int32(HKS_PERMANENT)
    static let `internal` = Int32(HKS_INTERNAL)
    static let needFetch = Int32(HKS_NEED_FETCH)

    /// Its name in the header, for sentences; nil for a number that is not in the header.
    static func name(_ status: Int32) -> String? {
        switch status {
        case ok: "HKS_OK"
        case invalidSettings: "HKS_INVALID_SETTINGS"
        case retryable: "HKS_RETRYABLE"
        case permanent: "HKS_PERMANENT"
        case `internal`: "HKS_INTERNAL"
        case needFetch: "HKS_NEED_FETCH"
        default: nil
        }
    }
}
