import Testing

@testable import Delivery

@Suite struct FIFOTests {
    @Test func `first in is first out, through growth and giving back`() {
        var queue = FIFO<Int>()
        var expected = 0
        for number in 0..<1_000 {
            queue.append(number)
            if number % 3 != 0 {
                #expect(queue.popFirst() == expected)
                expected += 1
            }
        }
        while let next = queue.popFirst() {
            #expect(next == expected)
            expected += 1
        }
        #expect(expected == 1_000)
        #expect(queue.isEmpty)
    }

    @Test func `a queue that was long once keeps no memory`() {
        var queue = FIFO<Int>()
        for number in 0..<1_000 { queue.append(number) }
        while queue.popFirst() != nil {}
        #expect(queue.places == 0)
        // One at a time stays within what is kept, however often.
        for number in 0..<1_000 {
            queue.append(number)
            #expect(queue.popFirst() == number)
        }
        #expect(queue.places <= FIFO<Int>.placesKept)
    }

    @Test func `what is put in front comes first`() {
        var queue = FIFO<Int>()
        queue.append(2)
        queue.prepend(1)
        #expect(queue.removeAll() == [1, 2])
        queue.append(3)
        queue.append(4)
        #expect(queue.popFirst() == 3)
        queue.prepend(5)
        #expect(queue.first == 5)
        #expect(queue.removeAll() == [5, 4])
        #expect(queue.isEmpty)
    }
}
