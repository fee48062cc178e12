import Domain
import Foundation
import Glibc
import HTTPSender
import Ports
import Testing

/// Against OpenSSL's own server with a certificate made for the test; skipped where there is no `openssl` command.
@Suite(.serialized, .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
struct TLSTests {
    private func makeCourier(trusting file: String?) -> CurlCourier {
        let courier = CurlCourier(
            policy: AddressPolicy(opened: ["127.0.0.0/8", "::1"].compactMap { AddressRange($0) }), limits: Limits(),
            allowHTTP: false, authorityFile: file)
        courier.start()
        return courier
    }

    private func perform(_ request: CourierRequest, trusting file: String?) -> CourierResult? {
        let courier = makeCourier(trusting: file)
        let results = ResultBox()
        let done = DispatchSemaphore(value: 0)
        courier.send([request]) {
            results.add($0)
            done.signal()
        }
        _ = done.wait(timeout: .now() + 20)
        courier.stop()
        return results.all.first
    }

    @Test func `a certificate that nobody vouches for is refused`() throws {
        try withTLSServer { port, _ in
            let result = try #require(perform(makeRequest("https://localhost:\(port)/"), trusting: nil))
            #expect(result.outcome == .tls)
            #expect(
                result.sentence?.hasPrefix("No secure connection to localhost:\(port): SSL certificate problem") == true
            )
        }
    }

    @Test func `a trusted certificate is good for its own name only`() throws {
        try withTLSServer { port, certificate in
            // `-www` answers a GET with a page about the connection.
            let good = makeRequest("https://localhost:\(port)/", method: "GET", body: "")
            let result = try #require(perform(good, trusting: certificate))
            #expect(result.status == 200, "\(result.answer)")
            #expect(result.body?.contains("TLSv1.") == true)
            let wrongName = makeRequest("https://127.0.0.1:\(port)/", method: "GET", body: "")
            #expect(perform(wrongName, trusting: certificate)?.outcome == .tls)
        }
    }
}

/// test: gets the port and the path of the certificate, which is for `localhost`.
private func withTLSServer(_ test: (Int, String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (key, certificate) = (
        folder.appendingPathComponent("key.pem").path, folder.appendingPathComponent("c.pem").path
    )
    let maker = makeProcess([
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
        certificate, "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
    ])
    try maker.run()
    maker.waitUntilExit()
    try #require(maker.terminationStatus == 0)

    // s_server does not tell which port the kernel gave it, so a server of ours asks for one and leaves it.
    let asking = try LoopbackServer { _, _ in }
    let port = Int(asking.port)
    asking.stop()
    let server = makeProcess(["s_server", "-accept", "127.0.0.1:\(port)", "-cert", certificate, "-key", key, "-www"])
    try server.run()
    defer {
        // It inherits a blocked SIGTERM from the test runner.
        kill(server.processIdentifier, SIGKILL)
        server.waitUntilExit()
    }
    let deadline = ContinuousClock.now + .seconds(20)
    while !isListening(port) {
        try #require(ContinuousClock.now < deadline && server.isRunning, "openssl s_server does not listen")
        sched_yield()
    }
    try test(port, certificate)
}

private func makeProcess(_ arguments: [String]) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments
    // s_server reads commands from its input and ends with it, so it gets one that stays open.
    process.standardInput = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    return process
}

private func isListening(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
