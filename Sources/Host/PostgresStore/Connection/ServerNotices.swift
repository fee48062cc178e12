import CLibpq
import Glibc

/// What a server said unasked, as far as it matters. Lives at a fixed address, which libpq keeps as long as the handle
/// lives.
struct ServerNotices {
    /// It closes the connection; the end of the stream may come later.
    var saidGoodbye = false
    /// Somebody ended a commit's wait for the synchronous standby: it is on this server's disk alone.
    var skippedStandby = false
}

/// libpq's notice receiver; its own would print on standard error. context: `ServerNotices`, owned by the connection.
func keepNotice(context: UnsafeMutableRawPointer?, notice: OpaquePointer?) {
    guard let notices = context?.assumingMemoryBound(to: ServerNotices.self) else { return }
    // Both fields are the same in every language: the severity as it is spelled in the source, and where it was said.
    if let severity = PQresultErrorField(notice, Int32(UInt8(ascii: "V"))),
        strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0
    {
        notices.pointee.saidGoodbye = true
    }
    if let function = PQresultErrorField(notice, Int32(UInt8(ascii: "R"))),
        strcmp(function, "SyncRepWaitForLSN") == 0
    {
        notices.pointee.skippedStandby = true
    }
}
