extension SampleLanguage {
    func python(_ request: SampleRequest) -> String {
        let literal = SampleLiteral(null: "None", yes: "True", no: "False", indent: "    ", trailingComma: true)
        var lines = request.body == nil ? [] : ["import json"]
        lines += ["import urllib.error", "import urllib.request", ""]
        lines += variables(request, snakeCase: true).map { "\($0.name) = \($0.text)" }
        if let body = request.body { lines += ["", "body = \(literal.text(body))"] }

        var fields = headerFields(request, snakeCase: true)
        if request.body != nil { fields.append(("Content-Type", literal.quoted("application/json"))) }
        lines += [
            "", "request = urllib.request.Request(", "    base_url + \(literal.quoted(request.target)),",
            "    method=\(literal.quoted(request.method)),",
        ]
        if !fields.isEmpty {
            lines.append("    headers={")
            lines += fields.map { "        \(literal.quoted($0.name)): \($0.value)," }
            lines.append("    },")
        }
        if request.body != nil { lines.append("    data=json.dumps(body).encode(),") }
        lines += [
            ")", "try:", "    response = urllib.request.urlopen(request)",
            "except urllib.error.HTTPError as refusal:", "    response = refusal", "with response:",
            "    print(response.status, flush=True)",
        ]
        lines +=
            request.isEndless
            ? ["    for line in response:", "        print(line.decode(), end=\"\", flush=True)"]
            : ["    print(response.read().decode())"]
        return lines.joined(separator: "\n")
    }
}
