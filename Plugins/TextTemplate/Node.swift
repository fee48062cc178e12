import PluginKit

/// What kind of text a template makes; it decides how values are written where the template does not say.
enum Format: String, CaseIterable {
    case json, xml, form, text

    var escape: Escape {
        switch self {
        case .json: .json
        case .xml: .xml
        case .form: .form
        case .text: .text
        }
    }

    /// Nil: what it was, which is JSON.
    var contentType: String? {
        switch self {
        case .json: nil
        case .xml: "application/xml"
        case .form: "application/x-www-form-urlencoded"
        case .text: "text/plain; charset=utf-8"
        }
    }
}

/// What stands where the payload has no value and the place no default.
enum MissingValue: String, CaseIterable {
    case fail, empty
}

/// How a value is written.
enum Escape: String, CaseIterable {
    /// A whole JSON value, byte for byte as in the payload.
    case json
    /// Inside the quotes of a JSON string.
    case jsonString
    /// Inside an element's content or the quotes of an attribute.
    case xml
    /// Inside a component of a URL (RFC 3986).
    case url
    /// Inside the name or value of a form's field.
    case form
    /// As it is.
    case text
}

/// Where a value comes from.
enum Reference: Equatable {
    /// A place in the payload.
    case payload(JSONPointer)
    /// A place in the element that the innermost loop is at; the empty pointer is the element itself.
    case element(JSONPointer)
    /// The number of that element, from 0.
    case index
}

/// A part of a template.
indirect enum Node {
    case literal([UInt8])
    /// shown: the reference as the template writes it, for sentences. line: of the template, from 1.
    case value(Reference, Escape, fallback: String?, shown: String, line: Int)
    /// The body for each element of an array; a separator stands between two.
    case each(Reference, separator: [UInt8], [Node], shown: String, line: Int)
    /// A value that is missing, null, false or empty counts as no.
    case condition(Reference, yes: [Node], no: [Node])
}

/// What is wrong with a template, and where.
struct TemplateMistake: Error {
    var sentence: String
    /// Byte offset into the template.
    var offset: Int
    /// From 1.
    var line: Int
    /// In characters of Unicode scalars, from 1.
    var column: Int

    init(_ sentence: String, at offset: Int, in template: [UInt8]) {
        self.sentence = sentence
        self.offset = offset
        let before = template[..<offset]
        line = before.count { $0 == 0x0A } + 1
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        column = template[start..<offset].count { $0 & 0xC0 != 0x80 } + 1
    }
}
