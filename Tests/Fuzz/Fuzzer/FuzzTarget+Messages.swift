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
                guard let items = try? MessageCodec.decode(bytes) else { return }
                let isBundle = input.first == MessageCodec.bundleVersion
                law(isBundle || items.count == 1, "only a bundle holds more than one item")
                var again = Array(input.prefix(isBundle ? 1 : 0))
                for item in items {
                    var message: [UInt8] = []
                    law(MessageCodec.append(item, to: &message), "a message that was read cannot be written")
                    if isBundle { withUnsafeBytes(of: UInt32(message.count).bigEndian) { again += $0 } }
                    again += message
                }
                law(again == input, "a message is written otherwise than it was read")
            }
        },
    ]
}
