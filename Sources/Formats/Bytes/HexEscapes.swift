extension Collection<UInt8> where Index == Int {
  /// The bytes with each `sign` and its two hexadecimal digits undone: `%2C` of RFC 3986 and RFC 2231, `+2C` of [MS-OXCMAIL].
  ///
  /// - Parameter plain: what a byte stands for that is no part of such an escape.
  public func unescaped(_ sign: UInt8, plain: (UInt8) -> UInt8 = { $0 }) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(count)
    var i = startIndex
    while i < endIndex {
      if self[i] == sign, i + 2 < endIndex, let high = ASCII.hexadecimalValue(self[i + 1]),
        let low = ASCII.hexadecimalValue(self[i + 2])
      {
        output.append(high << 4 | low)
        i += 3
      } else {
        output.append(plain(self[i]))
        i += 1
      }
    }
    return output
  }
}
