import PluginKit
import Signing

/// What a signature is good for, and the key that makes it.
struct CredentialScope {
    /// `AWS4` and the secret access key.
    let secret: Secret
    let region: String
    let service: String

    /// The day's key: the secret, worked into the day, the region, the service and the word that ends the scope.
    func key(of day: String) -> HMACKey {
        var key = HMACKey(secret, .sha256)
        for part in [day, region, service, "aws4_request"] {
            var code = key.code(of: Array(part.utf8))
            key = HMACKey(Secret(wiping: &code), .sha256)
        }
        return key
    }
}

/// The time of a signature in ISO 8601, basic format, UTC.
struct SigningTime: Equatable {
    /// `20150830`.
    let day: String
    /// `20150830T123600Z`.
    let text: String

    init(wallMilliseconds: Int64) {
        let seconds = wallMilliseconds / 1_000
        let date = Self.civil(days: seconds / 86_400)
        let time = seconds % 86_400
        day = Self.digits(date.year, 4) + Self.digits(date.month, 2) + Self.digits(date.day, 2)
        text =
            "\(day)T" + Self.digits(time / 3_600, 2) + Self.digits(time / 60 % 60, 2) + Self.digits(time % 60, 2) + "Z"
    }

    /// The Gregorian date so many days after 1970-01-01. Years are counted from March, so that the leap day is a
    /// year's last, and in eras of 400 years, which all have 146,097 days.
    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func digits(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
