extension SampleLanguage {
    /// Statements at the top level, as `dotnet run example.cs` takes them.
    func cSharp(_ request: SampleRequest) -> String {
        let literal = SampleLiteral()
        var lines = ["using System;"]
        if request.isEndless { lines.append("using System.IO;") }
        lines.append("using System.Net.Http;")
        if request.body != nil { lines.append("using System.Text;") }
        lines.append("")
        lines += variables(request).map { "var \($0.name) = \($0.text);" }
        if let body = request.body {
            lines += ["var body = \"\"\"", "    \(literal.text(body).indented(by: "    "))", "    \"\"\";"]
        }

        lines += [
            "", "using var client = new HttpClient();",
            "using var request = new HttpRequestMessage(",
            "    HttpMethod.\(request.method.capitalized), baseURL + \(literal.quoted(request.target)));",
        ]
        lines += headerFields(request).map { "request.Headers.Add(\(literal.quoted($0.name)), \($0.value));" }
        if request.body != nil {
            lines.append("request.Content = new StringContent(body, Encoding.UTF8, \"application/json\");")
        }
        let completion = request.isEndless ? ", HttpCompletionOption.ResponseHeadersRead" : ""
        lines += [
            "using var response = await client.SendAsync(request\(completion));",
            "Console.WriteLine((int)response.StatusCode);",
        ]
        lines +=
            request.isEndless
            ? [
                "using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());",
                "while (await reader.ReadLineAsync() is { } line) Console.WriteLine(line);",
            ] : ["Console.WriteLine(await response.Content.ReadAsStringAsync());"]
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// `POST` as `Post`.
    fileprivate var capitalized: String { prefix(1) + dropFirst().lowercased() }
}
