/// How hard `plugin check` tries.
package struct CheckPlan: Sendable, Equatable {
    /// What a component's author says of it beyond the interface, to be held to it.
    package enum Promise: String, Sendable, CaseIterable {
        /// A retry policy's delays never shrink from one attempt to the next.
        case monotone
        /// What a transformer makes of JSON is JSON.
        case json
    }

    package static let seedDefault: UInt64 = 0x5EED
    package static let fuzzSecondsDefault = 2
    package static let fuzzSecondsMax = 86_400

    /// Decides what `fuzz` does: the same seed does the same. The other checks are the same in every run.
    package var seed = seedDefault
    /// How long `fuzz` goes on; at least one round is made.
    package var fuzzMilliseconds = fuzzSecondsDefault * 1_000
    /// How many instances `balance` makes.
    package var instances = 10_000
    package var promises: Set<Promise> = []
    /// What comes after a check that fails is left out.
    package var stopsAtFailure = false
    /// The component to check, by its place in the library's description; nil: the library itself.
    package var component: Int?

    package init() {}

    /// For the child's command line.
    package var words: [String] {
        var words = ["seed=\(seed)", "fuzz=\(fuzzMilliseconds)", "instances=\(instances)"]
        words += promises.map { "promise=\($0.rawValue)" }.sorted()
        if stopsAtFailure { words.append("stops=true") }
        if let component { words.append("component=\(component)") }
        return words
    }

    /// Nil for words that `words` does not write.
    package init?(words: [String]) {
        for word in words {
            let sides = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard sides.count == 2 else { return nil }
            switch sides[0] {
            case "seed":
                guard let number = UInt64(sides[1]) else { return nil }
                seed = number
            case "fuzz":
                guard let number = Int(sides[1]) else { return nil }
                fuzzMilliseconds = number
            case "instances":
                guard let number = Int(sides[1]) else { return nil }
                instances = number
            case "promise":
                guard let promise = Promise(rawValue: sides[1]) else { return nil }
                promises.insert(promise)
            case "component":
                guard let number = Int(sides[1]) else { return nil }
                component = number
            case "stops": stopsAtFailure = sides[1] == "true"
            default: return nil
            }
        }
    }
}
