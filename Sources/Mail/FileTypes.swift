import Formats

/// Media types by the extensions of file names, for files whose message does not tell: cc:Mail knows names alone.
enum FileTypes {
  static func type(forName name: String) -> MediaType {
    guard let dot = name.lastIndex(of: ".") else { return .data }
    return types[name[name.index(after: dot)...].lowercased()].map { MediaType($0) } ?? .data
  }

  /// An extension for a file without a name, in capitals.
  static func fileExtension(for type: MediaType) -> String? { extensions[type.name] }

  private static let types: [String: String] = [
    "txt": "text/plain", "htm": "text/html", "html": "text/html", "csv": "text/csv", "ics": "text/calendar",
    "vcf": "text/vcard", "xml": "text/xml", "rtf": "application/rtf", "gif": "image/gif", "jpg": "image/jpeg",
    "jpeg": "image/jpeg", "png": "image/png", "bmp": "image/bmp", "tif": "image/tiff", "tiff": "image/tiff",
    "pcx": "image/x-pcx", "dcx": "image/x-dcx", "wav": "audio/x-wav", "mp3": "audio/mpeg", "mpg": "video/mpeg",
    "avi": "video/x-msvideo",
    "pdf": "application/pdf", "zip": "application/zip", "gz": "application/gzip", "tar": "application/x-tar",
    "doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint",
    "eml": "message/rfc822", "p7s": "application/pkcs7-signature", "p7m": "application/pkcs7-mime",
    "asc": "application/pgp-signature", "ps": "application/postscript",
  ]

  private static let extensions: [String: String] = [
    "text/plain": "TXT", "text/html": "HTM", "text/csv": "CSV", "text/calendar": "ICS", "text/vcard": "VCF",
    "text/x-vcard": "VCF", "text/xml": "XML", "application/rtf": "RTF", "text/rtf": "RTF", "image/gif": "GIF",
    "image/jpeg": "JPG", "image/pjpeg": "JPG", "image/png": "PNG", "image/bmp": "BMP", "image/tiff": "TIF",
    "image/x-pcx": "PCX", "image/pcx": "PCX", "image/x-dcx": "DCX", "audio/x-wav": "WAV", "audio/mpeg": "MP3",
    "video/mpeg": "MPG",
    "application/pdf": "PDF", "application/zip": "ZIP", "application/gzip": "GZ", "application/msword": "DOC",
    "application/vnd.ms-excel": "XLS", "application/vnd.ms-powerpoint": "PPT", "message/rfc822": "EML",
    "application/pkcs7-signature": "P7S", "application/x-pkcs7-signature": "P7S", "application/pkcs7-mime": "P7M",
    "application/pgp-signature": "ASC", "application/pgp-encrypted": "ASC", "application/postscript": "PS",
    "message/delivery-status": "TXT", "text/rfc822-headers": "TXT", "message/disposition-notification": "TXT",
  ]
}
