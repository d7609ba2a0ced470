// TNEF, the winmail.dat of Exchange and Outlook, in, an Internet message out: for a file that has lost the message that
// it came with. eml2ccm opens those that have not.

import Formats
import Mail
import Tooling

let program = "tnef2eml"

Diagnostics.main(program) { () throws(Failure) in
  try OutlookFilter.run(program) { converter, bytes, output throws(Unreadable) in
    try converter.convertTNEF(bytes, to: &output)
  }
}
