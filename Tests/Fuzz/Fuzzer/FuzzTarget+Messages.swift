import Domain
import JSON
import RabbitBroker

extension FuzzTarget {
    /// Documents and messages.
    static let messages = [
        FuzzTarget(name: "json") { input in
            guard let value = try? JSONValue(parsing: input) else { return }
            let written = value.serialized()
            let again = try? JSONValue(parsing: written)
            law(again == value, "what was written reads back as something else")
        },
        FuzzTarget(name: "message") { input in
            input.withUnsafeBytes { bytes in
                guard let item = try? MessageCodec.decode(bytes) else { return }
                var buffer: [UInt8] = []
                law(MessageCodec.encode(item, into: &buffer), "a message that was read cannot be written")
                law(buffer == input, "a message is written otherwise than it was read")
            }
        },
    ]
}
