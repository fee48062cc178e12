extension SampleLanguage {
    /// As gofmt writes it. Copying to the standard output shows an endless answer as it comes, too.
    func go(_ request: SampleRequest) -> String {
        let literal = SampleLiteral()
        let imports = ["fmt", "io", "log", "net/http", "os"] + (request.body == nil ? [] : ["strings"])
        var lines = ["package main", "", "import ("] + imports.map { "\t\"\($0)\"" } + [")", "", "func main() {"]
        lines += variables(request).map { "\t\($0.name) := \($0.text)" }
        if let body = request.body { lines += ["\tbody := strings.NewReader(`\(literal.text(body))`)"] }

        let body = request.body == nil ? "nil" : "body"
        lines += [
            "", "\turl := baseURL + \(literal.quoted(request.target))",
            "\trequest, err := http.NewRequest(\(literal.quoted(request.method)), url, \(body))",
            "\tif err != nil {", "\t\tlog.Fatal(err)", "\t}",
        ]
        var fields = headerFields(request)
        if request.body != nil { fields.append(("Content-Type", literal.quoted("application/json"))) }
        lines += fields.map {
            "\trequest.Header.Set(\(literal.quoted($0.name)), \($0.value.replacing("\" + ", with: "\"+")))"
        }
        lines += [
            "\tresponse, err := http.DefaultClient.Do(request)", "\tif err != nil {", "\t\tlog.Fatal(err)", "\t}",
            "\tdefer response.Body.Close()", "\tfmt.Println(response.StatusCode)",
            "\tif _, err := io.Copy(os.Stdout, response.Body); err != nil {", "\t\tlog.Fatal(err)", "\t}", "}",
        ]
        return lines.joined(separator: "\n")
    }
}
