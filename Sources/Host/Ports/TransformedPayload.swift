/// What a transformer has made of a payload.
package struct TransformedPayload: Sendable, Equatable {
    package var bytes: [UInt8]
    /// A media type (RFC 9110, section 8.3.1), if the transformer said what it made; nil: the type stays what it was.
    package var contentType: String?

    package init(_ bytes: [UInt8], contentType: String? = nil) {
        self.bytes = bytes
        self.contentType = contentType
    }
}
