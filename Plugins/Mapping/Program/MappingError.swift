/// Why a mapping cannot be read, or a payload cannot be mapped.
package struct MappingError: Error, Sendable, Equatable {
    /// Byte offset into the mapping or the payload.
    package var position: Int
    /// One sentence for people; it quotes nothing of the payload.
    package var sentence: String

    package init(position: Int, sentence: String) {
        self.position = position
        self.sentence = sentence
    }
}
