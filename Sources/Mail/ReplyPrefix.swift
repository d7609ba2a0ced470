/// The prefix of replies: `Re[3]:` in cc:Mail counts what others write as `Re: Re: Re:` (Q237189).
enum ReplyPrefix {
  /// `Re: Re: Re: Lunch` and `Re[2]: Re: Lunch` as `Re[3]: Lunch`; a single `Re:` stays.
  static func counted(_ subject: String) -> String {
    let (count, rest) = split(subject)
    return count < 2 ? subject : "Re[\(count)]: \(rest)"
  }

  /// `Re[3]: Lunch` and `Re: Re: Lunch` as `Re: Lunch`.
  static func single(_ subject: String) -> String {
    let (count, rest) = split(subject)
    return count == 0 ? subject : "Re: \(rest)"
  }

  private static func split(_ subject: String) -> (count: Int, rest: Substring) {
    var count = 0
    var rest = Substring(subject)
    while true {
      var next = rest
      guard next.prefix(2).lowercased() == "re" else { break }
      next = next.dropFirst(2)
      var times = 1
      if next.first == "[" {
        let digits = next.dropFirst().prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits), (1...999).contains(number), next.dropFirst(1 + digits.count).first == "]" else {
          break
        }
        times = number
        next = next.dropFirst(2 + digits.count)
      }
      guard next.first == ":" else { break }
      next = next.dropFirst().drop { $0 == " " }
      count += times
      rest = next
    }
    return (min(count, 999), rest)
  }
}
