/// Rows in aligned columns, the first one a heading.
func table(_ rows: [[String]]) -> String {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.enumerated().map { index, row in
        let line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        let rule = index == 0 ? "\n" + widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ") : ""
        return line + rule
    }.joined(separator: "\n")
}
