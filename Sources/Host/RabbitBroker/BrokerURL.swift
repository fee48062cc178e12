import CRabbitMQ
import Glibc

/// Where the broker is and who we are there: `amqp://user:password@host:5672/vhost`, or `amqps://` for TLS.
/// Parts left out get the AMQP URI specification's defaults, which are those of a fresh RabbitMQ.
package struct BrokerURL: Sendable, Equatable {
    package var host: String
    package var port: Int32
    package var user: String
    package var password: String
    package var virtualHost: String
    package var usesTLS: Bool

    package init(_ text: String) throws(BrokerError) {
        // The parser writes terminators into the text it is given and answers with pointers into it.
        guard let copy = strdup(text) else {
            throw BrokerError(scope: .configuration, code: 0, sentence: "There is no memory for the broker's URL.")
        }
        defer { free(copy) }
        var parts = amqp_connection_info()
        let status = amqp_parse_url(copy, &parts)
        guard status == AMQP_STATUS_OK.rawValue else {
            // The URL itself is not repeated: it carries a password.
            throw BrokerError(
                scope: .configuration, code: Int(status),
                sentence: "The broker's URL is not of the form amqp://user:password@host:port/vhost.")
        }
        host = String(cString: parts.host)
        port = parts.port
        user = String(cString: parts.user)
        password = String(cString: parts.password)
        virtualHost = String(cString: parts.vhost)
        usesTLS = parts.ssl != 0
    }
}
