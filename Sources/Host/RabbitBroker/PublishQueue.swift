import Domain
import Ports
import Synchronization

/// Where items wait for the publisher's thread: bounded in number and bytes, and closed while the broker is away.
final class PublishQueue: Sendable {
    typealias Entry = (shard: Shard, item: WorkItem)

    private struct Contents {
        var entries: [Entry] = []
        var isOpen = false
        // Counted from the offer until `finished`, so that what the thread has taken and not written counts too.
        var items = 0
        var bytes = 0
    }

    private let itemLimit: Int
    private let byteLimit: Int
    private let contents = Mutex(Contents())

    init(itemLimit: Int, byteLimit: Int) {
        self.itemLimit = itemLimit
        self.byteLimit = byteLimit
    }

    var isOpen: Bool { contents.withLock { $0.isOpen } }

    /// Takes what there is room for, first come first served, and returns how many that were.
    func offer(_ entries: [Entry]) -> Int {
        contents.withLock { contents in
            guard contents.isOpen else { return 0 }
            var accepted = 0
            for entry in entries {
                guard contents.items < itemLimit, contents.bytes < byteLimit else { break }
                contents.items += 1
                contents.bytes += entry.item.payload.count
                accepted += 1
            }
            contents.entries.append(contentsOf: entries.prefix(accepted))
            return accepted
        }
    }

    /// Everything that waits. The room is given back by `finished`.
    func takeAll() -> [Entry] {
        contents.withLock { contents in
            var taken: [Entry] = []
            swap(&taken, &contents.entries)
            return taken
        }
    }

    /// The thread is done with this many items it took.
    func finished(items: Int, bytes: Int) {
        contents.withLock { contents in
            contents.items -= items
            contents.bytes -= bytes
        }
    }

    func open() { contents.withLock { $0.isOpen = true } }

    /// Refuses further offers and throws away what waits. Returns how many items were lost, those taken and
    /// not finished included.
    func close() -> Int {
        contents.withLock { contents in
            defer { contents = Contents() }
            return contents.items
        }
    }
}
