// Outlook's .msg files in, Internet messages out.

import Formats
import Mail
import Tooling

let program = "msg2eml"

Diagnostics.main(program) { () throws(Failure) in
  try OutlookFilter.run(program) { converter, bytes, output throws(Unreadable) in
    try converter.convertMSG(bytes, to: &output)
  }
}
