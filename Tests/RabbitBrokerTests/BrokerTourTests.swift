import Testing

@testable import RabbitBroker

@Suite("Several brokers")
struct BrokerTourTests {
    private func addresses(_ count: Int) throws -> BrokerAddresses {
        try BrokerAddresses((1...count).map { "amqp://u:p@b\($0)/v" }.joined(separator: ", "))
    }

    @Test("URIs are separated by commas")
    func list() throws {
        #expect(try addresses(3).nodes.map(\.host) == ["b1", "b2", "b3"])
        #expect(try BrokerAddresses("amqp://u:a%2Cb@h").nodes.map(\.password) == ["a,b"])
    }

    @Test(
        "A wrong entry is named by its number, without its text",
        arguments: [
            ("amqp://a:secret@h,http://a:secret@h", "Entry 2 of 2"), (",amqp://a:secret@h", "Entry 1 of 2"),
            ("amqp://a:secret@h,amqp://a:secret@h:x,amqp://h", "Entry 2 of 3"), ("secret", "The broker's URL is not"),
        ])
    func refused(text: String, beginning: String) {
        #expect { try BrokerAddresses(text) } throws: { error in
            guard let error = error as? BrokerError else { return false }
            return error.sentence.hasPrefix(beginning) && !error.sentence.contains("secret")
                && error.scope == .configuration
        }
    }

    @Test("Publisher and consumer of a process begin at different nodes, in an order of chance")
    func spread() throws {
        let list = try addresses(3)
        #expect(list.rotated.nodes.map(\.host) == ["b2", "b3", "b1"])
        #expect(Set(list.shuffled().nodes.map(\.host)) == ["b1", "b2", "b3"])
        var beginnings: Set<String> = []
        // That one of three is never first in 200 tries would be a miracle.
        for _ in 0..<200 { beginnings.insert(list.shuffled().nodes[0].host) }
        #expect(beginnings == ["b1", "b2", "b3"])
    }

    @Test("All nodes are tried at once, then there is a growing rest")
    func rounds() throws {
        var tour = BrokerTour(try addresses(3))
        var hosts = [tour.current.host]
        var steps: [BrokerTour.Step] = []
        for _ in 0..<6 {
            steps.append(tour.moveOn(afterConnectionOf: nil, chance: 1))
            hosts.append(tour.current.host)
        }
        #expect(hosts == ["b1", "b2", "b3", "b1", "b2", "b3", "b1"])
        let rests: [BrokerTour.Step] = [.rest(.milliseconds(100)), .rest(.milliseconds(200))]
        #expect(steps == [.onwards, .onwards, rests[0], .onwards, .onwards, rests[1]])
    }

    @Test("A connection that lasted begins a new round; nodes that accept and then refuse do not")
    func lasting() throws {
        var tour = BrokerTour(try addresses(2))
        #expect(tour.moveOn(afterConnectionOf: .seconds(60), chance: 1) == .onwards)
        #expect(tour.moveOn(afterConnectionOf: .seconds(60), chance: 1) == .onwards)
        #expect(tour.moveOn(afterConnectionOf: .seconds(1), chance: 1) == .rest(.milliseconds(100)))
        #expect(tour.moveOn(afterConnectionOf: .seconds(1), chance: 1) == .onwards)
        #expect(tour.moveOn(afterConnectionOf: .seconds(1), chance: 1) == .rest(.milliseconds(200)))
    }

    @Test("One broker alone is left alone for a while after each failure")
    func single() throws {
        var tour = BrokerTour(try addresses(1))
        #expect(tour.moveOn(afterConnectionOf: .seconds(60), chance: 1) == .rest(.milliseconds(100)))
        #expect(tour.moveOn(afterConnectionOf: nil, chance: 1) == .rest(.milliseconds(200)))
    }
}
