import Testing

@testable import RabbitBroker

@Suite struct BrokerThreadTests {
    @Test func `to stop a thread that has ended waits for nothing`() {
        let thread = BrokerThread()
        thread.start("test") { while !thread.isStopping { thread.wait(atMost: .seconds(1)) } }
        thread.stop()
        #expect(ContinuousClock().measure { thread.stop() } < BrokerThread.goodbye)
    }
}
