import Formats

/// What the text item `RFC822 headers` carries.
extension FromCCMail {
  /// Reads the text of the item `RFC822 headers`; returns whether it is one.
  func takeCarried(
    _ text: [UInt8], _ reading: inout Reading, _ header: CCHeader, _ carried: inout [CarriedItem]
  ) -> Bool {
    let structure = InternetMessageReader.readHeader(text.span)
    guard !structure.fields.isEmpty, structure.findings.isEmpty else { return false }
    for field in structure.fields {
      if text.span.equalsIgnoringCase(field.nameRange, CarriedItem.fieldName) {
        carried.append(CarriedItem(text.span, field.value, converter: converter))
      } else if text.span.equalsIgnoringCase(field.nameRange, CarriedItem.allName) {
        reading.message.carriesAllHeaders = true
      } else if text.span.equalsIgnoringCase(field.nameRange, CarriedItem.reportName) {
        reading.message.reportType = Message.reportType(text.span.string(text.span.trimmed(field.value)))
      } else if text.span.equalsIgnoringCase(field.nameRange, CarriedItem.divisionName) {
        let numbers = text.span.string(text.span.trimmed(field.value)).split(separator: "/").compactMap { Int($0) }
        if numbers.count == 2, numbers[0] >= 1, numbers[0] <= numbers[1] { reading.division = (numbers[0], numbers[1]) }
      }
    }
    let before = FromInternet.readHeader(text.span, converter: converter)
    var ignored: [Finding] = []
    let expected = mapping.header(of: before, findings: &ignored)
    // Recipients for display alone have another form.
    var shown = expected
    if expected.to != header.to || expected.cc != header.cc || expected.bcc != header.bcc {
      var before = before
      before.envelope = TransportEnvelope()
      shown = mapping.header(of: before, findings: &ignored)
    }
    func isSaid(_ name: FieldName) -> Bool {
      let (own, plain, shown) = (header.values(name), expected.values(name), shown.values(name))
      // Of a report it is not said.
      if name == .dispositionNotificationTo, reading.message.reportType != nil, header.receiptTo.isEmpty { return true }
      return own.count == plain.count && own.indices.allSatisfy { own[$0] == plain[$0] || own[$0] == shown[$0] }
    }
    if reading.message.carriesAllHeaders {
      reading.message.settled.insert(.messageID)
      reading.message.settled.insert(.autoSubmitted)
      for name in [FieldName.from, .to, .cc, .bcc, .subject, .date, .importance, .dispositionNotificationTo]
      where isSaid(name) { reading.message.settled.insert(name) }
    }
    for field in structure.fields
    where !field.name.isMIME && !field.name.isTransportAlone
      && !text.span.hasPrefixIgnoringCase(at: field.whole.lowerBound, to: field.whole.upperBound, "X-ccmc-")
    {
      let isUnchanged =
        reading.division != nil && [.to, .cc, .bcc].contains(field.name)
        || isSaid(field.name)
      if isUnchanged {
        reading.message.carried.append(
          Message.CarriedHeader(name: field.name, text: text.span.array(field.whole)))
      }
    }
    return true
  }
}
