import Encoding
import PluginKit
import Signing

/// One walk over a payload that copies what no rule is about.
struct Redaction {
    /// A rule that may still apply below the value at hand, and how many of its steps are behind. The trails of a value
    /// differ and are in the order of the rules: there are never more than the rules have steps.
    private struct Trail {
        var rule: Int
        var step: Int
    }

    /// A mask can be much longer than what it stands for; beyond this size, or the payload's, it has gone wrong.
    private static let bytesMax = 4 << 20

    private let rules: [Rule]
    private let key: HMACKey?
    private let host: HostServices
    private var trailsFollowed = 0
    private var cursor = JSONCursor()
    private var output: [UInt8] = []

    private init(_ rules: [Rule], _ key: HMACKey?, _ host: HostServices) {
        self.rules = rules
        self.key = key
        self.host = host
    }

    /// Throws a `JSONError` for a payload that is none, and a `PluginError` if nobody waits any more.
    static func apply(
        _ rules: [Rule], key: HMACKey?, to payload: Span<UInt8>, host: HostServices
    ) throws -> [UInt8] {
        var redaction = Redaction(rules, key, host)
        redaction.output.reserveCapacity(payload.count)
        let trails = redaction.rules.indices.map { Trail(rule: $0, step: 0) }
        try redaction.write(payload, redaction.resting(trails))
        try redaction.cursor.finish(in: payload)
        return redaction.output
    }

    /// The trails, and for each that stands before `**` the one that has passed it.
    private func resting(_ trails: [Trail]) -> [Trail] {
        var all: [Trail] = []
        for trail in trails { rest(trail, in: &all) }
        return all
    }

    /// Appends a trail unless it is there. Trails come in the order of their rules and, within a rule, of their steps;
    /// each brings the steps from its own to the first that is no `**`, so that what is not beyond the last is there.
    private func rest(_ trail: Trail, in trails: inout [Trail]) {
        var trail = trail
        let steps = rules[trail.rule].steps
        while true {
            let isThere = trails.last.map { $0.rule == trail.rule && $0.step >= trail.step } ?? false
            if !isThere { trails.append(trail) }
            guard trail.step < steps.count, steps[trail.step] == .anyDepth else { return }
            trail.step += 1
        }
    }

    /// The trails that lead on to a member or element; matches: whether its name is the one that a step wants.
    private func following(_ trails: [Trail], _ matches: ([UInt8]) -> Bool) -> [Trail] {
        var next: [Trail] = []
        for trail in trails {
            switch rules[trail.rule].steps[trail.step] {
            case .named(let name):
                if matches(name) { rest(Trail(rule: trail.rule, step: trail.step + 1), in: &next) }
            case .any: rest(Trail(rule: trail.rule, step: trail.step + 1), in: &next)
            case .anyDepth: rest(trail, in: &next)
            }
        }
        return next
    }

    /// The first rule whose steps are all behind.
    private func finished(_ trails: [Trail]) -> Rule? {
        trails.first { $0.step == rules[$0.rule].steps.count }.map { rules[$0.rule] }
    }

    private mutating func write(_ bytes: Span<UInt8>, _ trails: [Trail]) throws {
        let kind = try cursor.peekKind(in: bytes)
        guard !trails.isEmpty, kind == .object || kind == .array else {
            append(bytes, try cursor.skipValue(in: bytes))
            return
        }
        if kind == .object { try writeObject(bytes, trails) } else { try writeArray(bytes, trails) }
    }

    private mutating func writeObject(_ bytes: Span<UInt8>, _ trails: [Trail]) throws {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        try cursor.enterObject(in: bytes)
        while let name = try cursor.nextMember(in: bytes) {
            // Once for all trails: there may be many of them, and the name may be long.
            let decoded = name.isEscaped ? name.utf8(in: bytes) : nil
            let next = following(trails) { wanted in
                decoded.map { $0 == wanted } ?? name.equals(wanted, in: bytes)
            }
            try checkBounds(bytes, after: trails.count + next.count)
            try writeItem(bytes, next, name: name, &isFirst)
        }
        output.append(UInt8(ascii: "}"))
    }

    private mutating func writeArray(_ bytes: Span<UInt8>, _ trails: [Trail]) throws {
        output.append(UInt8(ascii: "["))
        var isFirst = true
        var index = 0
        try cursor.enterArray(in: bytes)
        while try cursor.nextElement(in: bytes) {
            let next = following(trails) { JSONPointer.index($0) == index }
            try checkBounds(bytes, after: trails.count + next.count)
            try writeItem(bytes, next, name: nil, &isFirst)
            index += 1
        }
        output.append(UInt8(ascii: "]"))
    }

    /// A member or an element, unless it is to be removed, after a comma if it is not the first that stays.
    private mutating func writeItem(
        _ bytes: Span<UInt8>, _ trails: [Trail], name: JSONText?, _ isFirst: inout Bool
    ) throws {
        let rule = finished(trails)
        if rule?.action == .remove {
            try cursor.skipValue(in: bytes)
            return
        }
        if !isFirst { output.append(UInt8(ascii: ",")) }
        isFirst = false
        if let name {
            append(bytes, name.range.lowerBound - 1..<name.range.upperBound + 1)
            output.append(UInt8(ascii: ":"))
        }
        if let rule { try replace(bytes, by: rule) } else { try write(bytes, trails) }
    }

    /// With many rules there can be much work for each byte, and with a long mask much output. trails: those asked
    /// about the item, and those that lead on to it.
    private mutating func checkBounds(_ bytes: Span<UInt8>, after trails: Int) throws(PluginError) {
        guard output.count <= max(Self.bytesMax, bytes.count) else {
            throw .permanent("The result has more than \(Self.bytesMax) bytes, and more than the payload.")
        }
        trailsFollowed += trails
        guard trailsFollowed >= 16_384 else { return }
        trailsFollowed = 0
        if host.isCancelled { throw .retryable("The rules took too long for this payload.") }
    }

    private mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        bytes.extracting(range).withUnsafeBufferPointer { output.append(contentsOf: $0) }
    }

    private mutating func replace(_ bytes: Span<UInt8>, by rule: Rule) throws(JSONError) {
        let kind = try cursor.peekKind(in: bytes)
        let range = try cursor.skipValue(in: bytes)
        // A text counts as what it says, and anything else as it is written.
        let value =
            kind == .string
            ? JSONText(range: range.lowerBound + 1..<range.upperBound - 1, isEscaped: true).utf8(in: bytes)
            : bytes.extracting(range).withUnsafeBufferPointer { Array($0) }
        let text: String
        switch rule.action {
        case .hash: text = Hex.encode(key?.code(of: value) ?? Hash.sha256.digest(of: value))
        case .mask, .remove:
            text = rule.mask + (kind == .object || kind == .array ? "" : end(of: value, rule.keptLast))
        }
        JSONValue.writeQuoted(text, to: &output)
    }

    /// The last characters of a text, as people count them; none if that would be more than half of it.
    private func end(of value: [UInt8], _ count: Int) -> Substring {
        // There are never more characters than bytes, and counting them takes longer.
        guard count > 0, value.count >= 2 * count else { return "" }
        let text = String(decoding: value, as: UTF8.self)
        return text.count < 2 * count ? "" : text.suffix(count)
    }
}
