import JSON
import Testing

@testable import ManagementAPI

/// What a route's code examples are made of, and what they look like. The end-to-end tests run them, all but the C#
/// ones, for which there is no compiler: those are held against their shape here.
@Suite struct CodeSampleTests {
    private static let routes = DocumentedGroup.all.flatMap { group in group.routes.map { (group: group, route: $0) } }

    @Test func `a route has all that its examples need`() {
        for (group, route) in Self.routes {
            let name = "\(route.method) \(route.path)"
            for (placeholder, _) in route.placeholders where group.example(for: placeholder) == nil {
                Issue.record(
                    "\(name) has no example for {\(placeholder)}: add it to the examples of the group \(group.name)")
            }
            if let schema = route.body?.schema, DocumentedSchemas.example(of: schema) == nil {
                Issue.record("\(name) has no example of its body: add `examples` to the schema \(schema)")
            }
        }
    }

    @Test(arguments: SampleLanguage.allCases)
    func `an example sends the documented request`(language: SampleLanguage) {
        for (group, route) in Self.routes {
            let request = SampleRequest(route, in: group)
            let program = language.program(request)
            let name = "\(route.method) \(route.path) in \(language.label)"
            #expect(!request.target.contains("{"), "\(name)")
            #expect(program.contains("\"\(request.target)\""), "\(name)")
            #expect(program.contains("\"\(SampleValue.baseURL.text)\""), "\(name)")
            #expect(program.contains("Authorization") == (program.contains(SampleValue.accessToken.text)), "\(name)")
            #expect(program.contains("X-Api-Key") == (program.contains(SampleValue.apiKey.text)), "\(name)")
            #expect(program.contains("application/json") == (route.body != nil), "\(name)")
            #expect(program.split(separator: "\n").allSatisfy { $0.utf8.count <= 120 }, "\(name)")
            for (open, close): (Character, Character) in [("(", ")"), ("{", "}"), ("[", "]")] {
                #expect(program.count { $0 == open } == program.count { $0 == close }, "\(name)")
            }
        }
    }

    @Test func `C# sends the body as it is documented`() throws {
        for (group, route) in Self.routes {
            let request = SampleRequest(route, in: group)
            let program = SampleLanguage.cSharp.program(request)
            let name = "\(route.method) \(route.path)"
            let method = "\(route.method.prefix(1))\(route.method.dropFirst().lowercased())"
            #expect(program.contains("HttpMethod.\(method), baseURL"), "\(name)")
            // What is declared is used: base URL, credential, body.
            for line in program.split(separator: "\n") where line.hasPrefix("var ") {
                let variable = line.dropFirst(4).prefix { $0 != " " }
                #expect(program.split(separator: variable).count > 2, "\(name): \(variable)")
            }
            guard let body = request.body else { continue }
            let parts = program.split(separator: "\"\"\"")
            #expect(parts.count == 3, "\(name)")
            #expect(try JSONValue(parsing: Array(parts[1].utf8)) == body, "\(name)")
        }
    }

    @Test(arguments: [
        (
            SampleLanguage.cSharp,
            #"""
            using System;
            using System.Net.Http;
            using System.Text;

            var baseURL = "http://127.0.0.1:5143";
            var apiKey = "YOUR_API_KEY";
            var body = """
                {
                  "order": 17,
                  "paid": true
                }
                """;

            using var client = new HttpClient();
            using var request = new HttpRequestMessage(
                HttpMethod.Post, baseURL + "/things/x");
            request.Headers.Add("X-Api-Key", apiKey);
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await client.SendAsync(request);
            Console.WriteLine((int)response.StatusCode);
            Console.WriteLine(await response.Content.ReadAsStringAsync());
            """#
        ),
        (
            .nodeJS,
            """
            const baseURL = "http://127.0.0.1:5143";
            const apiKey = "YOUR_API_KEY";

            const body = {
              "order": 17,
              "paid": true,
            };

            const response = await fetch(baseURL + "/things/x", {
              method: "POST",
              headers: {
                "X-Api-Key": apiKey,
                "Content-Type": "application/json",
              },
              body: JSON.stringify(body),
            });
            console.log(response.status);
            console.log(await response.text());
            """
        ),
        (
            .python,
            """
            import json
            import urllib.error
            import urllib.request

            base_url = "http://127.0.0.1:5143"
            api_key = "YOUR_API_KEY"

            body = {
                "order": 17,
                "paid": True,
            }

            request = urllib.request.Request(
                base_url + "/things/x",
                method="POST",
                headers={
                    "X-Api-Key": api_key,
                    "Content-Type": "application/json",
                },
                data=json.dumps(body).encode(),
            )
            try:
                response = urllib.request.urlopen(request)
            except urllib.error.HTTPError as refusal:
                response = refusal
            with response:
                print(response.status, flush=True)
                print(response.read().decode())
            """
        ),
    ])
    func `an example reads like this`(language: SampleLanguage, expected: String) {
        let request = SampleRequest(
            method: "POST", target: "/things/x", access: .apiKey, body: ["order": 17, "paid": true])
        #expect(language.program(request) == expected)
    }

    @Test func `an answer without end is shown as it comes`() {
        let request = SampleRequest(method: "GET", target: "/stream", access: .token(.readEvents), isEndless: true)
        #expect(SampleLanguage.cSharp.program(request).contains("HttpCompletionOption.ResponseHeadersRead"))
        #expect(SampleLanguage.nodeJS.program(request).contains("for await (const part of response.body)"))
        #expect(SampleLanguage.python.program(request).contains("for line in response:"))
        #expect(SampleLanguage.go.program(request).contains("io.Copy(os.Stdout, response.Body)"))
    }
}
