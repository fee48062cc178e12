import CCurl
import Glibc
import Testing

@testable import HTTPSender

@Suite("Socket table")
struct SocketTableTests {
    private let epoll = epoll_create1(0)
    private let readable = EPOLLIN.rawValue

    /// A connected pair, the second of which has something to read.
    private func makePair() -> (Int32, Int32) {
        var pair: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        #expect(write(pair[0], "x", 1) == 1)
        return (pair[0], pair[1])
    }

    private func happened() -> [Int32] {
        var events = [epoll_event](repeating: epoll_event(), count: 8)
        let count = epoll_wait(epoll, &events, 8, 0)
        return events.prefix(Int(max(0, count))).map(\.data.fd)
    }

    @Test("A kept connection stays watched while nobody wants it, until something happens on it")
    func kept() {
        let table = SocketTable(epoll: epoll)
        let (other, socket) = makePair()
        defer { for descriptor in [other, socket, epoll] { close(descriptor) } }
        table.opened(socket)
        #expect(table.watch(socket, for: readable, group: 3) == 0)
        #expect(happened() == [socket])
        #expect(table.groupThatWants(socket) == 3)
        table.ignore(socket)
        #expect(happened() == [socket])
        #expect(table.groupThatWants(socket) == nil)
        #expect(happened() == [])
        #expect(table.watch(socket, for: readable, group: 5) == 0)
        #expect(happened() == [socket])
        #expect(table.groupThatWants(socket) == 5)
    }

    @Test("A socket that is no connection's is dropped at once")
    func other() {
        let table = SocketTable(epoll: epoll)
        let (other, socket) = makePair()
        defer { for descriptor in [other, socket, epoll] { close(descriptor) } }
        #expect(table.watch(socket, for: readable, group: 0) == 0)
        table.ignore(socket)
        #expect(happened() == [])
    }

    @Test("A descriptor that is used again is watched anew")
    func usedAgain() {
        let table = SocketTable(epoll: epoll)
        let (first, socket) = makePair()
        table.opened(socket)
        #expect(table.watch(socket, for: readable, group: 1) == 0)
        table.closing(socket)
        close(socket)
        let (second, again) = makePair()
        defer { for descriptor in [first, second, again, epoll] { close(descriptor) } }
        // The lowest free number, usually the same one; the table must not care.
        dup2(again, socket)
        defer { close(socket) }
        #expect(table.watch(socket, for: readable, group: 2) == 0)
        #expect(happened().contains(socket))
        #expect(table.groupThatWants(socket) == 2)
    }
}
