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
    let forms = forms(of: header)
    let expected = mapping.header(of: before, forms: forms, findings: &ignored)
    // Recipients for display alone have another form.
    var shown = expected
    if expected.to != header.to || expected.cc != header.cc || expected.bcc != header.bcc {
      var before = before
      before.envelope = TransportEnvelope()
      shown = mapping.header(of: before, forms: forms, findings: &ignored)
    }
    func isSaid(_ name: FieldName) -> Bool {
      let own = header.values(name)
      var (plain, shown) = (expected.values(name), shown.values(name))
      if name == .to || name == .cc || name == .bcc {
        (plain, shown) = (plain.flatMap(RecipientLine.split), shown.flatMap(RecipientLine.split))
      }
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

  /// The addresses of a header whose form is another one than the rule's.
  private func forms(of header: CCHeader) -> [String: [UInt8]] {
    var forms: [String: [UInt8]] = [:]
    for value in [header.from, header.receiptTo] + header.to + header.cc + header.bcc where !value.isEmpty {
      let text = mapping.text(value)
      guard options.addresses.hasOtherForm(text) else { continue }
      let key = options.addresses.mailbox(text).key
      if forms[key] == nil { forms[key] = value }
    }
    return forms
  }
}
