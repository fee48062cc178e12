import Ports
import Testing
import Threading

@testable import HookSentry

@Suite struct QuarantineNoticesTests {
    private static let stamp = QuarantineChange.Component(kind: .authenticator, name: "Stamp", version: "1.2.0")
    private static let pace = QuarantineChange.Component(kind: .retryPolicy, name: "Pace", version: "2.0.0")
    private static let began = QuarantineChange(
        .began(reason: "Stamp crashed with SIGSEGV", lasts: .seconds(60)), components: [stamp, pace])
    private static let ended = QuarantineChange(.ended, components: [stamp])

    /// A store that is away for the first writes.
    private final class Book: Sendable {
        private let state: Monitor<(awayFor: Int, tries: Int, written: [QuarantineNotices.Notice])>

        init(awayFor: Int) { state = Monitor((awayFor, 0, [])) }

        func write(_ notice: QuarantineNotices.Notice) throws(StoreError) -> Int {
            let isAway = state.change { state -> Bool in
                state.tries += 1
                if state.tries > state.awayFor { state.written.append(notice) }
                return state.tries <= state.awayFor
            }
            if isAway { throw .unavailable("for a test") }
            return 1
        }

        func tries(_ count: Int) -> Bool { state.wait(until: nil) { $0.tries >= count ? true : nil } ?? false }
        func written(_ count: Int) -> [QuarantineNotices.Notice] {
            state.wait(until: nil) { $0.written.count >= count ? $0.written : nil } ?? []
        }
    }

    @Test func `each component's users are told what happened and what becomes of events`() {
        let notices = QuarantineNotices.notices(of: Self.began)
        #expect(notices.map(\.plugin) == ["Stamp", "Pace"])
        #expect(notices.map(\.kind) == [.authenticator, .retryPolicy])
        #expect(notices.map(\.content.subject) == ["authenticator/Stamp", "retry-policy/Pace"])
        #expect(notices.allSatisfy { $0.content.type == .pluginQuarantined })
        #expect(
            notices[0].content.body == "Stamp 1.2.0 is in quarantine for 60 s, because Stamp crashed with SIGSEGV "
                + "again and again. Events that need it wait until it is back; that costs them no attempt.")
        #expect(
            notices[1].content.body == "Pace 2.0.0 is in quarantine for 60 s, because Stamp crashed with SIGSEGV again "
                + "and again. Until it is back, failed attempts are repeated after the default delay.")
        #expect(QuarantineNotices.notices(of: Self.ended).map(\.content.type) == [.pluginRecovered])
    }

    @Test func `while the store is away they are kept, one of each, in order`() {
        let book = Book(awayFor: 3)
        let notices = QuarantineNotices(firstPause: .milliseconds(1)) { notice throws(StoreError) in
            try book.write(notice)
        }
        notices.post(Self.began)
        notices.post(Self.began)
        notices.start()
        #expect(book.tries(2))
        notices.post(Self.ended)
        let written = book.written(3).map { "\($0.plugin) \($0.content.type.rawValue)" }
        #expect(written == ["Stamp plugin_quarantined", "Pace plugin_quarantined", "Stamp plugin_recovered"])
        notices.stop()
        #expect(book.written(3).count == 3)
    }

    @Test func `the end does not wait for a store that stays away`() {
        let book = Book(awayFor: .max)
        let notices = QuarantineNotices(firstPause: .seconds(60)) { notice throws(StoreError) in
            try book.write(notice)
        }
        notices.post(Self.began)
        notices.start()
        #expect(book.tries(1))
        notices.stop()
    }
}
