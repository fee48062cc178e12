/// Everything that is wrong with a configuration, one sentence each. No sentence contains a secret.
package struct ConfigurationError: Error, Sendable, Equatable, CustomStringConvertible {
    package var problems: [String]

    package init(_ problems: [String]) { self.problems = problems }

    package var description: String { problems.joined(separator: "\n") }
}
