import Formats

/// What a fax page is: PCX or TIFF, or DCX, in which several pages of PCX are in one file. Only fax items are asked:
/// a file that happens to be PCX is no fax (Q197363).
struct FaxImage: Equatable {
  let type: MediaType
  let suffix: String

  static let pcx = FaxImage(type: MediaType("image/x-pcx"), suffix: "PCX")
  static let dcx = FaxImage(type: MediaType("image/x-dcx"), suffix: "DCX")
  static let tiff = FaxImage(type: MediaType("image/tiff"), suffix: "TIF")

  private init(type: MediaType, suffix: String) { (self.type, self.suffix) = (type, suffix) }

  /// What the first bytes of a file tell; nil when they tell nothing, as those of pages from DB6 do (Q166614).
  init?(_ start: [UInt8]) {
    if start.starts(with: "II*\0".utf8) || start.starts(with: "MM\0*".utf8) {
      self = .tiff
    } else if start.starts(with: [0xB1, 0x68, 0xDE, 0x3A]) {
      self = .dcx
    } else if start.count >= 4, start[0] == 10, start[1] <= 5, start[2] <= 1, [1, 2, 4, 8].contains(start[3]) {
      self = .pcx
    } else {
      return nil
    }
  }
}
