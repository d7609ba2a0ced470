import Formats
import Glibc
import Mail

/// Dates of .ccm files are those of the process's zone; the tests are written for this one.
private let isUTC: Bool = {
  setenv("TZ", "UTC", 1)
  tzset()
  return true
}()

/// A converter with the default options, but for what `change` does to them.
public func converter(_ change: (inout ConversionOptions) -> Void = { _ in }) -> Converter {
  precondition(isUTC)
  var options = ConversionOptions()
  change(&options)
  return Converter(options: options)
}
