extension SampleLanguage {
    func nodeJS(_ request: SampleRequest) -> String {
        let literal = SampleLiteral(trailingComma: true)
        var lines = variables(request).map { "const \($0.name) = \($0.text);" }
        if let body = request.body { lines += ["", "const body = \(literal.text(body));"] }

        var fields = headerFields(request)
        if request.body != nil { fields.append(("Content-Type", literal.quoted("application/json"))) }
        lines += [
            "", "const response = await fetch(baseURL + \(literal.quoted(request.target)), {",
            "  method: \(literal.quoted(request.method)),",
        ]
        if !fields.isEmpty {
            lines.append("  headers: {")
            lines += fields.map { "    \(literal.quoted($0.name)): \($0.value)," }
            lines.append("  },")
        }
        if request.body != nil { lines.append("  body: JSON.stringify(body),") }
        lines += ["});", "console.log(response.status);"]
        lines +=
            request.isEndless
            ? ["for await (const part of response.body) process.stdout.write(part);"]
            : ["console.log(await response.text());"]
        return lines.joined(separator: "\n")
    }
}
