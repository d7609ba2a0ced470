extension TransferEncoding {
  /// Appends what the encoded text at `range` says to `output`; returns the offset of the first defect in it.
  public func decode(_ bytes: Bytes, _ range: Range<Int>, into output: inout [UInt8]) -> Int? {
    switch self {
    case .identity:
      output.append(bytes, range)
      return nil
    case .base64: return Base64.decode(bytes, range, into: &output)
    case .quotedPrintable: return QuotedPrintable.decode(bytes, range, into: &output)
    case .uuencode: return UUEncoding.decode(bytes, range, into: &output)
    }
  }
}
