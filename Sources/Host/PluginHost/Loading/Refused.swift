/// Why a library cannot be used: the end of a sentence that begins with its name.
struct Refused: Error, Equatable {
    var sentence: String
    init(_ sentence: String) { self.sentence = sentence }
}
