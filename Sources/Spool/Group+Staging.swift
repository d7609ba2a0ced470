import Formats
import Glibc

/// What a group will publish, while its messages are worked on.
extension Group {
  /// Writes a result under `name`, or `name~2` and so on where a result has that name already. Returns its name.
  func stage(_ result: Bytes, as name: FileName) throws(SystemError) -> FileName {
    let name = try create(name, in: out) { (file) throws(SystemError) in
      try file.writeAll(result)
    }
    sizes[name] = result.count
    size += result.count
    return name
  }

  /// Makes a result that `body` writes. Returns its name.
  func create(
    _ name: FileName, _ body: (borrowing FileDescriptor) throws(SystemError) -> Void
  ) throws(SystemError) -> FileName {
    var size = 0
    let name = try create(name, in: out) { (file) throws(SystemError) in
      try body(file)
      size = try file.status().st_size
    }
    sizes[name] = size
    return name
  }

  /// Writes a report to the side that the message came from. Returns its name.
  func stageReturn(_ result: Bytes, as name: FileName) throws(SystemError) -> FileName {
    try create(name, in: folder(Outlet.returns.rawValue).descriptor) { (file) throws(SystemError) in
      try file.writeAll(result)
    }
  }

  /// Writes a part of a message that is put aside by itself, with its report. Returns its name.
  func putAside(_ part: Bytes, as name: FileName, report: (FileName) -> Report) throws(SystemError) -> FileName {
    let aside = try folder(Place.aside.rawValue)
    let name = try create(name, in: aside.descriptor) { (file) throws(SystemError) in
      try file.writeAll(part)
    }
    let report = report(name)
    do throws(SystemError) {
      try write(report.json, to: name, in: folder(Place.aside.reports).descriptor)
    } catch {
      takeBack(aside: name)
      throw error
    }
    return name
  }

  private func create(
    _ name: FileName, in folder: borrowing FileDescriptor,
    _ body: (borrowing FileDescriptor) throws(SystemError) -> Void
  ) throws(SystemError) -> FileName {
    var number = 1
    while true {
      let candidate = name.numbered(number)
      var file: FileDescriptor
      do {
        file = try FileDescriptor.open(candidate, in: folder, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
      } catch {
        guard error.code == EEXIST else { throw error }
        number += 1
        continue
      }
      do {
        try body(file)
        try file.closeChecked()
      } catch {
        file.close()
        discard(candidate, in: folder)
        throw error
      }
      return candidate
    }
  }

  /// Writes a report: whole, or not at all.
  func write(_ line: [UInt8], to name: FileName, in folder: borrowing FileDescriptor) throws(SystemError) {
    var file = try FileDescriptor.open(name, in: folder, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW)
    do {
      try file.writeAll((line + [ASCII.lf]).span)
      try file.closeChecked()
    } catch {
      file.close()
      discard(name, in: folder)
      throw error
    }
  }

  /// Removes the report of a message about which nothing is decided after all.
  func unreport(_ message: FileName) {
    for place in Place.ofMessages { if let folder = folders[place.reports] { discard(message, in: folder.descriptor) } }
  }

  func unstage(_ name: FileName, from outlet: Outlet = .results) {
    switch outlet {
    case .results:
      discard(name, in: out)
      sizes[name] = nil
    case .returns: if let folder = folders[outlet.rawValue] { discard(name, in: folder.descriptor) }
    }
  }

  /// Takes back what was put aside of a message that is not done: the part is still in it.
  func takeBack(aside name: FileName) {
    for folder in [Place.aside.rawValue, Place.aside.reports] {
      if let folder = folders[folder] { discard(name, in: folder.descriptor) }
    }
  }

  private func discard(_ name: FileName, in folder: borrowing FileDescriptor) {
    do throws(SystemError) { try folder.unlink(name) } catch { spoiled = error }
  }

  func rename(result: FileName, to name: FileName) throws(SystemError) -> FileName {
    let final = try Move.publish(result, in: out, as: name, in: out)
    if let size = sizes.removeValue(forKey: result) { sizes[final] = size }
    return final
  }
}
