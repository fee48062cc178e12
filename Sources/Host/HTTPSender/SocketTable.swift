import CCurl
import Glibc

/// Which sockets epoll watches, and for what.
///
/// libcurl takes its interest in a connection back after each request and declares it again with the next; telling
/// epoll each time would be three system calls a request. So a kept connection stays watched while nobody is
/// interested, and is only dropped when something happens on it. That needs to be exact about which socket a
/// descriptor means: libcurl reports every socket of a connection that it opens or closes. Others (a resolver's) are
/// not kept.
final class SocketTable {
    private struct Entry {
        /// What epoll watches for; 0: nothing.
        var watched: UInt32 = 0
        /// The group that wants to hear of it; -1: nobody.
        var group = -1
        /// A connection's: its closing will be reported.
        var isKept = false
    }

    private let epoll: Int32
    // By descriptor.
    private var entries: [Entry] = []

    /// epoll: stays the caller's.
    init(epoll: Int32) { self.epoll = epoll }

    func opened(_ socket: Int32) {
        guard socket >= 0 else { return }
        makeRoom(for: socket)
        entries[Int(socket)] = Entry(isKept: true)
    }

    /// Before the socket is closed; epoll forgets it by itself.
    func closing(_ socket: Int32) {
        makeRoom(for: socket)
        entries[Int(socket)] = Entry()
    }

    /// Returns 0, or -1 if it cannot be watched.
    func watch(_ socket: Int32, for interest: UInt32, group: Int) -> Int32 {
        makeRoom(for: socket)
        let index = Int(socket)
        entries[index].group = group
        guard entries[index].watched != interest else { return 0 }
        var event = epoll_event()
        event.events = interest
        event.data.fd = socket
        let change = entries[index].watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        guard epoll_ctl(epoll, change, socket, &event) == 0 else { return -1 }
        entries[index].watched = interest
        return 0
    }

    func ignore(_ socket: Int32) {
        makeRoom(for: socket)
        entries[Int(socket)].group = -1
        if !entries[Int(socket)].isKept { drop(socket) }
    }

    /// Something happened: who wants to know. Nil: nobody, and then it will not happen again.
    func groupThatWants(_ socket: Int32) -> Int? {
        makeRoom(for: socket)
        let group = entries[Int(socket)].group
        guard group < 0 else { return group }
        drop(socket)
        return nil
    }

    private func drop(_ socket: Int32) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nil)
        entries[Int(socket)].watched = 0
    }

    private func makeRoom(for socket: Int32) {
        let missing = Int(socket) + 1 - entries.count
        if missing > 0 { entries.append(contentsOf: repeatElement(Entry(), count: missing + 64)) }
    }
}
