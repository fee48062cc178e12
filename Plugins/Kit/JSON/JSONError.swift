/// Why a text is not the JSON it should be.
public struct JSONError: Error, Sendable, Equatable {
    /// Byte offset into the text, from 0; the text's length if something is missing at its end.
    public var offset: Int
    /// One short sentence for people. It quotes nothing of the text, which may hold secrets.
    public var sentence: String

    public init(offset: Int, sentence: String) {
        self.offset = offset
        self.sentence = sentence
    }
}
