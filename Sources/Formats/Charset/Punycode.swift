/// Punycode, RFC 3492: the characters of a domain's label in letters, digits and hyphens.
enum Punycode {
  private static let base: UInt32 = 36
  private static let minimum: UInt32 = 1
  private static let maximum: UInt32 = 26
  private static let skew: UInt32 = 38
  private static let damp: UInt32 = 700
  private static let firstBias: UInt32 = 72
  private static let firstNumber: UInt32 = 128

  /// RFC 3492, 6.1.
  private static func adapt(_ delta: UInt32, points: UInt32, isFirst: Bool) -> UInt32 {
    var delta = isFirst ? delta / damp : delta / 2
    delta += delta / points
    var k: UInt32 = 0
    while delta > (base - minimum) * maximum / 2 {
      delta /= base - minimum
      k += base
    }
    return k + (base - minimum + 1) * delta / (delta + skew)
  }

  private static func threshold(_ k: UInt32, _ bias: UInt32) -> UInt32 {
    k <= bias ? minimum : k >= bias + maximum ? maximum : k - bias
  }

  /// `label` without its `xn--`; nil when it is too long for a label, 63 bytes. RFC 3492, 6.3.
  static func encode(_ label: [Unicode.Scalar]) -> [UInt8]? {
    // With more characters than a label has bytes there is nothing to try, and nothing below can overflow.
    guard label.count <= 63 else { return nil }
    var output = label.filter(\.isASCII).map { UInt8($0.value) }
    let basic = UInt32(output.count)
    var handled = basic
    if basic > 0 { output.append(ASCII.hyphen) }
    var (number, delta, bias) = (firstNumber, UInt32(0), firstBias)
    while handled < label.count {
      guard let next = label.lazy.map(\.value).filter({ $0 >= number }).min() else { return nil }
      delta += (next - number) * (handled + 1)
      number = next
      for scalar in label {
        if scalar.value < number { delta += 1 }
        guard scalar.value == number else { continue }
        var (rest, k) = (delta, base)
        while true {
          let t = threshold(k, bias)
          if rest < t { break }
          output.append(digit(t + (rest - t) % (base - t)))
          rest = (rest - t) / (base - t)
          k += base
        }
        output.append(digit(rest))
        bias = adapt(delta, points: handled + 1, isFirst: handled == basic)
        delta = 0
        handled += 1
      }
      delta += 1
      number += 1
    }
    return output.count > 59 ? nil : output
  }

  /// The label that `text`, what stands behind `xn--`, means; nil when it means none. RFC 3492, 6.2.
  static func decode(_ text: [UInt8]) -> [Unicode.Scalar]? {
    guard text.count <= 59, text.allSatisfy({ $0 < 128 }) else { return nil }
    let hyphen = text.lastIndex(of: ASCII.hyphen)
    var output = text[..<(hyphen ?? 0)].map { Unicode.Scalar($0) }
    var position = hyphen.map { $0 + 1 } ?? 0
    var (number, i, bias) = (firstNumber, UInt32(0), firstBias)
    while position < text.count {
      let before = i
      var (weight, k): (UInt32, UInt32) = (1, base)
      while true {
        guard position < text.count, let value = value(text[position]) else { return nil }
        position += 1
        let (product, tooLarge) = value.multipliedReportingOverflow(by: weight)
        let (sum, overflow) = i.addingReportingOverflow(product)
        guard !tooLarge, !overflow else { return nil }
        i = sum
        let t = threshold(k, bias)
        if value < t { break }
        let (next, isTooHeavy) = weight.multipliedReportingOverflow(by: base - t)
        guard !isTooHeavy else { return nil }
        weight = next
        k += base
      }
      let points = UInt32(output.count) + 1
      bias = adapt(i - before, points: points, isFirst: before == 0)
      number = number.addingReportingOverflow(i / points).partialValue
      i %= points
      guard number > 127, let scalar = Unicode.Scalar(number) else { return nil }
      output.insert(scalar, at: Int(i))
      i += 1
    }
    return output
  }

  private static func digit(_ value: UInt32) -> UInt8 { UInt8(value < 26 ? 97 + value : 22 + value) }

  private static func value(_ byte: UInt8) -> UInt32? {
    if ASCII.isDigit(byte) { return UInt32(byte) - 22 }
    return ASCII.isLetter(byte) ? UInt32(byte | 0x20) - 97 : nil
  }
}
