import CCurl
import Domain
import Glibc

extension Transfer {
    /// What a failed transfer came to, and one sentence that names the host and the reason.
    /// reason: libcurl's own words, possibly empty.
    func failure(_ code: CURLcode, reason: String) -> (OutcomeClass, String) {
        switch code {
        case CURLE_OPERATION_TIMEDOUT: timeout()
        case CURLE_COULDNT_CONNECT: connectFailure()
        case CURLE_COULDNT_RESOLVE_HOST: (.dns, "The name of \(host) could not be resolved.")
        case CURLE_GOT_NOTHING: (.protocol, "\(host) closed the connection without an answer.")
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR:
            (.protocol, "The connection to \(host) broke: \(systemReason ?? words(reason, code)).")
        case CURLE_PARTIAL_FILE: (.protocol, "\(host) closed the connection in the middle of its answer.")
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
            (.protocol, "\(host) did not answer in HTTP: \(words(reason, code)).")
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_SHUTDOWN_FAILED, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT:
            (.tls, "No secure connection to \(host): \(words(reason, code)).")
        case CURLE_URL_MALFORMAT: (.internal, "The URL cannot be used: \(words(reason, code)).")
        case CURLE_OUT_OF_MEMORY: (.internal, "The request to \(host) failed for lack of memory.")
        default:
            (hasConnected ? .protocol : .connect, "The request to \(host) failed: \(words(reason, code)).")
        }
    }

    /// The stage at which the time ran out tells whose fault it was. A TLS handshake is part of connecting.
    private func timeout() -> (OutcomeClass, String) {
        if hasConnected { return (.timeout, "\(host) did not answer completely within \(text(limits.total)).") }
        let limit = text(min(limits.connect, limits.total))
        if curl_get_time(handle, CURLINFO_NAMELOOKUP_TIME_T) == 0 {
            return (.dns, "The name of \(host) was not resolved within \(limit).")
        }
        return (.connect, "No connection to \(host) within \(limit).")
    }

    private func connectFailure() -> (OutcomeClass, String) {
        if let blocked { return (.addressBlocked, "\(host) was not called: \(blocked).") }
        return (.connect, "Could not connect to \(host): \(systemReason ?? "no address accepted the connection").")
    }

    /// A request is on its way only after connection and handshake.
    private var hasConnected: Bool { curl_get_time(handle, CURLINFO_PRETRANSFER_TIME_T) > 0 }

    private var systemReason: String? {
        let number = Int32(truncatingIfNeeded: curl_get_long(handle, CURLINFO_OS_ERRNO))
        return number == 0 ? nil : String(cString: strerror(number)).lowercased()
    }

    /// libcurl's words without the full stop, or its general text for the code.
    private func words(_ reason: String, _ code: CURLcode) -> String {
        var text = reason.isEmpty ? String(cString: curl_easy_strerror(code)) : reason
        while text.hasSuffix(".") || text.hasSuffix("\n") { text.removeLast() }
        return text
    }

    private func text(_ span: Duration) -> String {
        span < .seconds(1) || span.inMilliseconds % 1_000 != 0
            ? "\(span.inMilliseconds) ms" : "\(span.inMilliseconds / 1_000) s"
    }
}
