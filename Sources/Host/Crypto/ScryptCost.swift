/// What one scrypt hash costs (RFC 7914, section 2).
package struct ScryptCost: Sendable, Equatable {
    /// log₂ of N: doubles time and memory with each step.
    package let log2N: Int
    /// r, in units of 128 bytes.
    package let blockSize: Int
    /// p.
    package let parallelism: Int

    /// N = 2¹⁵, r = 8, p = 1: 32 MiB and about 0.1 s on a core of 2020.
    package static let interactive = ScryptCost(log2N: 15, blockSize: 8, parallelism: 1)

    package init(log2N: Int, blockSize: Int, parallelism: Int) {
        self.log2N = log2N
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// What a stored hash may ask for: a row that was tampered with must not take the machine's memory.
    package static let bounds = (log2N: 1...20, blockSize: 1...32, parallelism: 1...16, memoryBytes: 256 << 20)

    /// The working memory, with room for OpenSSL's own rounding.
    var memoryBytes: Int { 128 * blockSize * ((1 << log2N) + parallelism + 2) + 1 << 10 }

    var text: String { "ln=\(log2N),r=\(blockSize),p=\(parallelism)" }

    /// From `ln=15,r=8,p=1`; nil for another form or a cost beyond `bounds`.
    init?(text: some StringProtocol) {
        var numbers: [Int] = []
        for (field, name) in zip(text.split(separator: ",", omittingEmptySubsequences: false), ["ln=", "r=", "p="]) {
            guard field.hasPrefix(name), let number = Int(field.dropFirst(name.count)) else { return nil }
            numbers.append(number)
        }
        guard numbers.count == 3, text.count(where: { $0 == "," }) == 2,
            Self.bounds.log2N.contains(numbers[0]), Self.bounds.blockSize.contains(numbers[1]),
            Self.bounds.parallelism.contains(numbers[2])
        else { return nil }
        self.init(log2N: numbers[0], blockSize: numbers[1], parallelism: numbers[2])
        guard memoryBytes <= Self.bounds.memoryBytes else { return nil }
    }
}
