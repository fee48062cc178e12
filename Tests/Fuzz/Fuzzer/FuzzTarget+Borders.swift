import JSON
import Ports

@testable import PluginHost

extension FuzzTarget {
    /// What a process that runs a plugin's code may have written into the memory it shares with the host.
    static let borders = [
        FuzzTarget(name: "answer") { input in
            guard let answer = try? WireReader.read(input, CallAnswer.init(from:)) else { return }
            let again = written(room: input.count) { answer.write(to: &$0) }
            law((try? WireReader.read(again, CallAnswer.init(from:))) == answer, "an answer reads back as another")
            switch answer.result {
            case .headers(let headers):
                if HeaderRules.brokenRule(headers, allowsReserved: false) == nil { check(headers) }
            case .needsFetch(let request):
                guard FetchRules.brokenRule(request) == nil else { return }
                check(request.headers)
                law(request.url.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }, "a fetch would go to \(request.url)")
            case .payload(let output):
                guard let type = output.contentType, MediaType.isMediaType(type.utf8) else { return }
                check([HeaderField("Content-Type", type)])
            case .fault(let fault):
                let secret = Array("secret".utf8)
                let sentence = PluginSentence.cleaned(
                    Array(fault.sentence.utf8), limit: PluginSentence.reportBytesMax, secrets: [secret])
                law(sentence.utf8.count <= PluginSentence.reportBytesMax, "a sentence is too long")
                law(!sentence.contains("\n"), "a sentence has two lines")
                law(!sentence.contains("secret"), "a sentence contains a secret")
            default: break
            }
        },
        FuzzTarget(name: "report") { input in
            guard let report = try? WireReader.read(input, LibraryReport.init(from:)) else { return }
            let again = written(room: input.count) { report.write(to: &$0) }
            law(again == input, "a report is written otherwise than it was read")
            guard case .plugin(let components) = report, let offers = try? components.checked() else { return }
            law(Set(offers.map { "\($0.kind) \($0.name)" }).count == offers.count, "two components have one name")
        },
    ]

    /// room: bytes, which have to be enough.
    private static func written(room: Int, _ write: (inout WireWriter) -> Bool) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: room) { memory, count in
            var wire = WireWriter(UnsafeMutableRawBufferPointer(memory))
            law(write(&wire), "what was read takes more room when it is written")
            count = wire.count
        }
    }

    private static func check(_ headers: [HeaderField]) {
        for header in headers {
            law(!header.name.utf8.contains { $0 <= 0x20 || $0 == 0x3A || $0 >= 0x7F }, "a header's name is no token")
            law(!header.value.utf8.contains { [0, 10, 13].contains($0) }, "a header's value does not stay in its line")
        }
    }
}
