import Testing

@testable import RabbitBroker

@Suite("Confirm window")
struct ConfirmWindowTests {
    private func makeWindow(capacity: Int = 8, published: Int) -> ConfirmWindow {
        var window = ConfirmWindow(capacity: capacity)
        for _ in 0..<published { window.published() }
        return window
    }

    @Test("Single and multiple confirms settle what they name, once")
    func settle() {
        var window = makeWindow(published: 6)
        #expect(window.settled(2, multiple: false) == 1)
        #expect(window.settled(2, multiple: false) == 0)
        #expect(window.settled(4, multiple: true) == 3)
        #expect(window.settled(4, multiple: true) == 0)
        #expect(window.events == 2)
        #expect(window.room == 6)
    }

    @Test("A straggler bounds the room behind it")
    func straggler() {
        var window = makeWindow(published: 8)
        #expect(window.room == 0)
        for tag in UInt64(2)...8 { #expect(window.settled(tag, multiple: false) == 1) }
        #expect(window.room == 0)
        #expect(window.settled(1, multiple: false) == 1)
        #expect(window.room == 8)
    }

    @Test("Tags never given out settle nothing", arguments: [0, 7, 100, UInt64.max], [false, true])
    func hostile(tag: UInt64, multiple: Bool) {
        var window = makeWindow(published: 6)
        #expect(window.settled(tag, multiple: multiple) == 0)
        #expect(window.events == 6)
    }

    @Test("A message settles all of its events at once")
    func bundles() {
        var window = makeWindow(published: 0)
        for events in [3, 1, 16] { window.published(events) }
        #expect(window.events == 20 && window.room == 5)
        #expect(window.settled(1, multiple: false) == 3)
        #expect(window.settled(3, multiple: true) == 17)
        #expect(window.isEmpty && window.events == 0)
    }

    @Test("It goes round many times")
    func wraps() {
        var window = makeWindow(published: 0)
        for tag in UInt64(1)...1_000 {
            window.published()
            #expect(window.settled(tag, multiple: tag % 2 == 0) == 1)
        }
        #expect(window.room == 8)
    }
}
