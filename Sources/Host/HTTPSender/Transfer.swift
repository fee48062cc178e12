import CCurl
import Domain
import Glibc
import Ports
import Telemetry

/// One easy handle of libcurl's and all the memory it points at: used for one request at a time, then again.
///
/// libcurl holds plain pointers to this object and its buffers from `prepare` until the handle has been removed from
/// the multi handle; the loop keeps the object alive for that long. Courier thread only.
final class Transfer {
    // Freed in deinit.
    let handle: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    /// Holds the request's body while libcurl reads from it.
    private var bodyBuffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private let headerLines = HeaderLines()

    private let rules: CourierRules
    // libcurl holds a plain pointer to it as long as there are connections, which the loop outlives.
    private let sockets: SocketTable
    /// Where the loop keeps it while it is active, and the group it goes with.
    var place = 0
    var group = 0
    private(set) var token: UInt64 = 0
    private(set) var batch: Batch?
    private(set) var startedAt = ContinuousClock.now
    private var response = ResponseCollector()
    private(set) var blocked: String?
    private var url = ""
    private var isPost = false
    private(set) var limits = (connect: Duration.zero, total: Duration.zero)

    /// Bytes that libcurl reads at a time: each request in flight holds a buffer of it, and answers are short.
    private static let receiveBuffer = 4 << 10
    /// Bodies up to this size find their buffer ready the next time.
    private static let bufferKept = 64 << 10
    private static let connectionsOpened = Metrics.shared.counter(
        "hooksentry_courier_connections_opened_total", help: "Outgoing connections begun.")
    private static let connectionsBlocked = Metrics.shared.counter(
        "hooksentry_courier_connections_blocked_total", help: "Outgoing connections refused by the address rules.")

    init(rules: CourierRules, sockets: SocketTable) {
        guard let handle = curl_easy_init() else { preconditionFailure("libcurl has no memory for a handle") }
        self.handle = handle
        self.rules = rules
        self.sockets = sockets
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        setLastingOptions()
    }

    deinit {
        curl_easy_cleanup(handle)
        bodyBuffer.deallocate()
        errorText.deallocate()
    }

    private func setLastingOptions() {
        let itself = Unmanaged.passUnretained(self).toOpaque()
        curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        curl_set_text(handle, CURLOPT_PROTOCOLS_STR, rules.allowHTTP ? "https,http" : "https")
        curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        // Authenticators have signed the path as it was written, dot segments included.
        curl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        // An empty name, unlike none, keeps the environment's proxies out.
        curl_set_text(handle, CURLOPT_PROXY, "")
        if let file = rules.authorityFile {
            curl_set_text(handle, CURLOPT_CAINFO, file)
            curl_set_text(handle, CURLOPT_CAPATH, nil)
        }
        curl_set_long(handle, CURLOPT_BUFFERSIZE, Self.receiveBuffer)
        curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        // Connections are dropped in time, so that a host that has moved is found again.
        curl_set_long(handle, CURLOPT_MAXLIFETIME_CONN, 600)
        // Without it a transfer that times out while its name is being resolved waits for the resolver's thread, and
        // the whole courier with it, until getaddrinfo gives up. The thread then frees its own result.
        curl_set_long(handle, CURLOPT_QUICK_EXIT, 1)
        curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
        curl_set_pointer(handle, CURLOPT_PRIVATE, itself)
        curl_set_pointer(handle, CURLOPT_HEADERDATA, itself)
        curl_set_pointer(handle, CURLOPT_WRITEDATA, itself)
        curl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, itself)
        curl_set_receiver(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.response.takeHeaderLine(line) ? line.count : 0
        }
        curl_set_receiver(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let block = UnsafeRawBufferPointer(start: bytes, count: size * count)
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.response.takeBody(block) ? block.count : 0
        }
        curl_set_socket_opener(handle) { context, _, peer in
            guard let context, let peer else { return CURL_SOCKET_BAD }
            return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().openSocket(to: peer)
        }
        curl_set_pointer(handle, CURLOPT_CLOSESOCKETDATA, Unmanaged.passUnretained(sockets).toOpaque())
        curl_set_socket_closer(handle) { context, socket in
            if let context { Unmanaged<SocketTable>.fromOpaque(context).takeUnretainedValue().closing(socket) }
            return close(socket)
        }
    }

    /// Host and port of the request, for sentences.
    var host: String { authority(of: url) }

    // MARK: Before and after

    /// Sets the handle up for a request that `refusal` has found nothing wrong with.
    func prepare(_ request: CourierRequest, batch: Batch) {
        token = request.token
        self.batch = batch
        response = ResponseCollector(
            kept: request.responseBodyKept, limit: rules.responseBodyBytes, keepsFields: request.keepsResponseHeaders)
        blocked = nil
        errorText[0] = 0
        // Two that are canonically equivalent are two addresses all the same.
        if !request.url.isExactly(url) {
            url = request.url
            curl_set_text(handle, CURLOPT_URL, url)
        }
        setLimits(connect: request.connectTimeout, total: request.totalTimeout)
        setMethod(request)
        curl_set_pointer(handle, CURLOPT_HTTPHEADER, headerLines.layOut(request.headers))
        startedAt = .now
    }

    private func setLimits(connect: Duration, total: Duration) {
        guard limits.connect != connect || limits.total != total else { return }
        limits = (connect, total)
        // Zero would mean libcurl's own default, which is no limit.
        curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(connect.inMilliseconds)))
        curl_set_long(handle, CURLOPT_TIMEOUT_MS, max(1, Int(total.inMilliseconds)))
    }

    private func setMethod(_ request: CourierRequest) {
        if isPost && request.method == "POST" { return setBody(request.body) }
        isPost = false
        curl_set_text(handle, CURLOPT_CUSTOMREQUEST, nil)
        if request.body.isEmpty && request.method == "GET" {
            curl_set_long(handle, CURLOPT_HTTPGET, 1)
            return
        }
        if request.body.isEmpty && request.method == "HEAD" {
            curl_set_long(handle, CURLOPT_NOBODY, 1)
            return
        }
        // NOBODY would outlive the POST below and end in a HEAD; HTTPGET takes it back.
        curl_set_long(handle, CURLOPT_HTTPGET, 1)
        curl_set_long(handle, CURLOPT_POST, 1)
        setBody(request.body)
        isPost = request.method == "POST"
        if !isPost { curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method) }
    }

    /// An array's bytes may not be pointed at beyond a call; a buffer of our own may.
    private func setBody(_ body: [UInt8]) {
        if bodyBuffer.count < max(1, body.count) {
            bodyBuffer.deallocate()
            bodyBuffer = .allocate(byteCount: max(1_024, body.count), alignment: 16)
        }
        bodyBuffer.copyBytes(from: body)
        curl_set_long(handle, CURLOPT_POSTFIELDSIZE, body.count)
        curl_set_pointer(handle, CURLOPT_POSTFIELDS, bodyBuffer.baseAddress)
    }

    /// After the handle was removed from the multi handle: lets go of everything that belongs to one request.
    func clear() {
        batch = nil
        response = ResponseCollector()
        if bodyBuffer.count > Self.bufferKept {
            curl_set_pointer(handle, CURLOPT_POSTFIELDS, nil)
            bodyBuffer.deallocate()
            bodyBuffer = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        }
    }

    // MARK: During

    /// libcurl asks for a socket for each address it tries: here the rules are enforced, on the address that is
    /// actually connected to, whatever a name resolved to before.
    private func openSocket(to peer: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = curl_peer_address(peer, &bytes)
        guard let address = IPAddress(bytes: bytes.prefix(Int(count))) else {
            blocked = "the address is neither IPv4 nor IPv6"
            return CURL_SOCKET_BAD
        }
        if case .blocked(let rule) = rules.policy.verdict(for: address) {
            blocked = "\(address) is \(rule)"
            Self.connectionsBlocked.add()
            return CURL_SOCKET_BAD
        }
        Self.connectionsOpened.add()
        let type = peer.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
        let opened = socket(peer.pointee.family, type, peer.pointee.protocol)
        sockets.opened(opened)
        return opened
    }

    /// code: what libcurl said of the transfer. Before the handle is removed.
    func result(_ code: CURLcode) -> CourierResult {
        CourierResult(token: token, answer: answer(code), duration: .now - startedAt)
    }

    private func answer(_ code: CURLcode) -> CourierResult.Answer {
        guard code == CURLE_OK || response.isTruncated else {
            let (outcome, sentence) =
                response.hasTooManyHeaders
                ? (.protocol, "\(host) sent more headers than are read.")
                : failure(code, reason: String(cString: errorText))
            return .failure(outcome, sentence)
        }
        return .response(
            status: curl_get_long(handle, CURLINFO_RESPONSE_CODE), headers: response.fields, body: response.body,
            retryAfter: response.retryAfter, truncated: response.isTruncated)
    }
}
