/// Payload in, payload out, no side effect; kind `hks.transformer/1`.
///
/// The same settings and payload give the same output, so that a retry or a replay sends what the first attempt sent.
/// Copy values byte for byte: a number that is rendered anew is a number changed.
public protocol Transformer: Component {
    /// payload: what the sender posted or the transformer before this one made; not to be kept.
    mutating func apply(_ payload: Span<UInt8>, _ call: Call) throws -> [UInt8]

    /// What the last output is, a media type like `text/csv; charset=utf-8`; nil (the default) leaves the type what it
    /// was, which is JSON unless a transformer before this one said otherwise. Hosts of version 1.0 do not ask.
    var contentType: String? { get }
}

extension Transformer {
    public var contentType: String? { nil }
}
