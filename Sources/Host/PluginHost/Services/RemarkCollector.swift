import Glibc

/// What plugins ask of the host's services on one thread of a child, until the answer takes it along. In the host
/// itself no thread has one, and services are served at once.
final class RemarkCollector {
    /// Of all messages and names in one answer.
    private static let bytesMax = 128 << 10

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    private var remarks: [Remark] = []
    private var bytes = 0

    static var ofThisThread: RemarkCollector? {
        pthread_getspecific(key).map { Unmanaged<RemarkCollector>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The owner keeps it alive as long as the thread lives.
    func isOfThisThread() { pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque()) }

    /// Beyond the bounds it is dropped, as the host drops what is too much.
    func add(_ remark: Remark) {
        switch remark {
        case .store(let value):
            // The last value of a key is all that matters.
            remarks.removeAll { if case .store(let earlier) = $0 { earlier.key == value.key } else { false } }
        case .log(_, let message): bytes += message.utf8.count
        case .count(let name, _): bytes += name.count
        }
        guard remarks.count < Remark.perCallMax, bytes <= Self.bytesMax else { return }
        remarks.append(remark)
    }

    func take() -> [Remark] {
        guard !remarks.isEmpty else { return [] }
        defer {
            remarks = []
            bytes = 0
        }
        return remarks
    }
}
