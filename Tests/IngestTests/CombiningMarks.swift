/// A mebibyte that takes minutes to bring into canonical order.
let combiningMarks =
    String(repeating: "\u{0301}", count: 1 << 18) + String(repeating: "\u{0316}", count: 1 << 18)
