import Formats

public func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }

/// Text written with LF, as mail and .ccm files have it.
public func crlf(_ text: String) -> [UInt8] {
  text.utf8.flatMap { $0 == ASCII.lf ? [ASCII.cr, ASCII.lf] : [$0] }
}
