import Testing

@testable import Domain

@Suite struct IDTests {
    private let moment = Timestamp(milliseconds: 1_800_000_000_123)

    @Test func `a new id is a UUID of version 7 that carries its time`() {
        let id = EventID(at: moment, random: (.max, .max))
        #expect(id.description == "01a3185c-507b-7fff-bfff-ffffffffffff")
        #expect(id.createdAt == moment)
        let plain = EventID(at: moment, random: (0, 0))
        #expect(plain.description == "01a3185c-507b-7000-8000-000000000000")
    }

    @Test func `ids sort by time, then by chance, and like their texts and bytes`() {
        var ids: [EventID] = []
        for milliseconds in [0, 1, 255, 256, 1_800_000_000_122, 1_800_000_000_123] {
            for chance in [UInt64(0), 1, .max] {
                ids.append(EventID(at: Timestamp(milliseconds: Int64(milliseconds)), random: (chance, chance)))
            }
        }
        #expect(ids == ids.shuffled().sorted())
        #expect(ids == ids.shuffled().sorted { $0.description < $1.description })
        #expect(ids == ids.shuffled().sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) })
    }

    @Test func `the lower bound of a moment is below its ids and above those before`() {
        let bound = EventID.lowerBound(at: moment)
        #expect(bound < EventID(at: moment, random: (0, 0)))
        #expect(bound > EventID(at: moment - .milliseconds(1), random: (.max, .max)))
    }

    @Test func `the bound of a moment that no id can carry is the nearest one`() {
        let first = EventID.lowerBound(at: Timestamp(milliseconds: 0))
        for milliseconds: Int64 in [-1, -86_400_000, -62_135_596_800_000, .min / 2_000] {
            #expect(EventID.lowerBound(at: Timestamp(milliseconds: milliseconds)) == first)
        }
        let last = EventID.lowerBound(at: Timestamp(milliseconds: 1 << 48 - 1))
        #expect(last > EventID(at: moment, random: (.max, .max)))
        for milliseconds: Int64 in [1 << 48, 1 << 48 + 5, .max / 2_000] {
            #expect(EventID.lowerBound(at: Timestamp(milliseconds: milliseconds)) == last)
        }
    }

    @Test func `text and bytes make the round trip`() throws {
        for high in [UInt64(0), 1, .max, 0x0123_4567_89ab_cdef] {
            for low in [UInt64(0), 1, .max, 0xfedc_ba98_7654_3210] {
                let id = TenantID(high: high, low: low)
                #expect(try #require(TenantID(id.description)) == id)
                #expect(try #require(TenantID(id.description.uppercased())) == id)
                #expect(TenantID(bytes: id.bytes) == id)
                #expect(id.bytes.count == 16)
                #expect(id.cast(to: User.self).bytes == id.bytes)
            }
        }
    }

    @Test(arguments: [
        "", "0123", "01a3185c507b7fffbfffffffffffffff", "01a3185c-507b-7fff-bfff-fffffffffff",
        "01a3185c-507b-7fff-bfff-fffffffffffff", "01a3185c-507b-7fff-bfff-ffffffffffffff",
        "{01a3185c-507b-7fff-bfff-ffffffffffff}", "01a3185c-507b-7fff-bfff-fffffffffffg",
        "01a3185-c507b-7fff-bfff-ffffffffffff", " 01a3185c-507b-7fff-bfff-ffffffffffff", "----",
        "é1a3185c-507b-7fff-bfff-ffffffffffff",
    ])
    func `any other text is no id`(text: String) {
        #expect(EventID(text) == nil)
    }
}
