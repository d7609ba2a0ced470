// swift-tools-version: 6.2
import PackageDescription

/// One executable a folder in Sources/Tools; all that a library can hold is in a library.
func tool(_ name: String) -> Target {
  .executableTarget(
    name: name,
    dependencies: ["Tooling", "PostOffice", "Spool", "Programs", "Mail", "Formats", "CGlibc"],
    path: "Sources/Tools/\(name)")
}

let tools = [
  "eml2ccm", "ccm2eml", "msg2eml", "tnef2eml", "ccmsplit", "mboxsplit", "ccmcheck",
  "ccm-convert", "ccm-import", "ccm-export", "ccm-move", "ccm-status", "ccm-replay", "ccm-audit", "ccm-prune",
  "ccpo-init", "ccpo-import", "ccpo-export",
]

let libraries: [Target] = [
  .systemLibrary(name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
  .systemLibrary(name: "CGlibc", path: "Sources/CGlibc"),
  .systemLibrary(name: "CSHA256", path: "Sources/CSHA256"),
  .target(name: "Formats", dependencies: ["CZlib", "CSHA256"], path: "Sources/Formats"),
  .target(name: "Mail", dependencies: ["Formats", "CZlib", "CGlibc"], path: "Sources/Mail"),
  .target(name: "Spool", dependencies: ["Formats", "CGlibc"], path: "Sources/Spool"),
  .target(name: "Programs", dependencies: ["Spool", "Mail", "Formats", "CGlibc"], path: "Sources/Programs"),
  .target(name: "PostOffice", dependencies: ["Spool", "Mail", "Formats", "CGlibc"], path: "Sources/PostOffice"),
  .target(
    name: "Tooling", dependencies: ["Formats", "Mail", "Spool", "Programs", "CGlibc", "CZlib"],
    path: "Sources/Tooling"),
]

let tests: [Target] = [
  .executableTarget(
    name: "mimetree", dependencies: ["Tooling", "Mail", "Formats", "CZlib"], path: "Tests/Support/mimetree"),
  .executableTarget(
    name: "deliveryreport", dependencies: ["Tooling", "Mail", "Formats"], path: "Tests/Support/deliveryreport"),
  .target(name: "TestSupport", dependencies: ["Spool", "Mail", "Formats"], path: "Tests/Support/TestSupport"),
  .testTarget(name: "FormatsTests", dependencies: ["TestSupport", "Formats"], path: "Tests/FormatsTests"),
  .testTarget(name: "MailTests", dependencies: ["TestSupport", "Mail", "Formats"], path: "Tests/MailTests"),
  .testTarget(name: "SpoolTests", dependencies: ["TestSupport", "Spool"], path: "Tests/SpoolTests"),
  .testTarget(
    name: "PostOfficeTests", dependencies: ["TestSupport", "PostOffice", "Spool", "Formats"],
    path: "Tests/PostOfficeTests"),
  .testTarget(
    name: "ProgramsTests", dependencies: ["TestSupport", "Programs", "Tooling", "Spool", "Formats", "CGlibc"],
    path: "Tests/ProgramsTests"),
  .testTarget(
    name: "CatalogueTests", dependencies: ["TestSupport", "Mail", "Formats"], path: "Tests/CatalogueTests",
    exclude: ["README.md"]),
]

let package = Package(
  name: "ccmc",
  products: tools.map { .executable(name: $0, targets: [$0]) },
  targets: libraries + tests + tools.map(tool),
  swiftLanguageModes: [.v6]
)
