import Formats
import Glibc

/// Pairs the reports that have no original of their name with the originals that have no report: a crash between the
/// two renames may have given them different numbers. What is left over is damage.
struct AuditReports {
  private let audit: Audit

  init(_ audit: Audit) { self.audit = audit }

  func run() throws(SystemError) {
    // The reports of a group that is being finished come after its originals.
    let isFinishing = !audit.groupsInWork.isEmpty
    for folder in ["done", "failed", "quarantine"] {
      let strays = audit.strayReports.filter { $0.folder == folder }
      var lacking = audit.withoutReport.filter { $0.folder == folder }
      if folder == "done", !strays.isEmpty { lacking = try originalsWithoutReport(folder, strays) }
      var waiting: [[UInt8]: [Audit.AuditPlace]] = [:]
      for one in lacking { waiting[NameClass.stem(one.name.bytes), default: []].append(one) }
      for stray in strays where waiting[NameClass.stem(stray.name.original.bytes)]?.popLast() == nil {
        audit.found(
          Damage(
            .orphanedReport, folder, stray.name, "a report without its original", evidence: "no \(stray.name.original)")
        )
      }
      if folder == "done" || isFinishing { continue }
      for one in waiting.values.joined().sorted(by: { $0.name.bytes.lexicographicallyPrecedes($1.name.bytes) }) {
        audit.found(
          Damage(.missingReport, folder, one.name, "an original without its report", evidence: "no \(one.name.report)"))
      }
    }
  }

  /// Originals that need no report, where one of these may be theirs.
  private func originalsWithoutReport(
    _ folder: String, _ strays: [Audit.AuditPlace]
  ) throws(SystemError) -> [Audit.AuditPlace] {
    let stems = Set(strays.map { NameClass.stem($0.name.original.bytes) })
    guard let directory = try audit.queue.folder(folder) else { return [] }
    var lacking: [Audit.AuditPlace] = []
    try Audit.read(directory) { (name, _) throws(SystemError) in
      guard !name.isReport, lacking.count < Audit.limit, stems.contains(NameClass.stem(name.bytes)),
        try !Audit.hasReport(name, in: directory)
      else { return }
      lacking.append(Audit.AuditPlace(folder: folder, name: name))
    }
    return lacking
  }
}
