import JSON

/// What `plugin check` found out about one library.
package struct CheckReport: Sendable, Equatable {
    package var findings: [CheckFinding]

    package init(findings: [CheckFinding]) { self.findings = findings }

    /// The library may be used: something was checked and nothing failed.
    package var passed: Bool { !findings.isEmpty && findings.allSatisfy(\.passed) }

    /// One line a finding and a verdict, each ended by a line feed.
    package var text: String {
        var text = ""
        for finding in findings {
            let subject = finding.component.isEmpty ? finding.check : "\(finding.component) \(finding.check)"
            text += "\(finding.passed ? "pass" : "FAIL")  \(subject): \(finding.reason)\n"
        }
        let failed = findings.count { !$0.passed }
        text += passed ? "passed: \(findings.count) checks\n" : "failed: \(failed) of \(findings.count) checks\n"
        return text
    }

    /// One JSON object a finding, each ended by a line feed.
    package var jsonLines: String {
        findings.map { JSONValue.object($0.document).serializedText() + "\n" }.joined()
    }
}
