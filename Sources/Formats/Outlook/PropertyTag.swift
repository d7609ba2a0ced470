/// The types of MAPI properties, [MS-OXCDATA] 2.11.1; 0x1000 more is a list of them.
public enum PropertyType {
  public static let integer16: UInt16 = 0x0002
  public static let integer32: UInt16 = 0x0003
  public static let floating32: UInt16 = 0x0004
  public static let floating64: UInt16 = 0x0005
  public static let currency: UInt16 = 0x0006
  public static let floatingTime: UInt16 = 0x0007
  public static let error: UInt16 = 0x000A
  public static let boolean: UInt16 = 0x000B
  public static let object: UInt16 = 0x000D
  public static let integer64: UInt16 = 0x0014
  public static let string8: UInt16 = 0x001E
  public static let unicode: UInt16 = 0x001F
  public static let time: UInt16 = 0x0040
  public static let guid: UInt16 = 0x0048
  public static let binary: UInt16 = 0x0102
  /// The bit of a type that is a list of values.
  public static let multiple: UInt16 = 0x1000

  /// Bytes of a value of fixed size; nil for the types whose values have sizes of their own, and for unknown ones.
  static func size(of type: UInt16) -> Int? {
    switch type {
    case 0x0000, 0x0001: 0
    case integer16, boolean: 2
    case integer32, floating32, error: 4
    case floating64, currency, floatingTime, integer64, time: 8
    case guid: 16
    default: nil
    }
  }

  static func isVariable(_ type: UInt16) -> Bool {
    type == string8 || type == unicode || type == binary || type == object
  }
}

/// The identifiers of MAPI properties by their names in [MS-OXPROPS], without `PidTag`.
public enum PropertyID {
  public static let messageClass: UInt16 = 0x001A
  public static let importance: UInt16 = 0x0017
  public static let deliveryReportRequested: UInt16 = 0x0023
  public static let priority: UInt16 = 0x0026
  public static let readReceiptRequested: UInt16 = 0x0029
  public static let replyTime: UInt16 = 0x0030
  public static let reportTime: UInt16 = 0x0032
  public static let sensitivity: UInt16 = 0x0036
  public static let subject: UInt16 = 0x0037
  public static let clientSubmitTime: UInt16 = 0x0039
  public static let subjectPrefix: UInt16 = 0x003D
  public static let sentRepresentingEntryID: UInt16 = 0x0041
  public static let sentRepresentingName: UInt16 = 0x0042
  public static let readReceiptEntryID: UInt16 = 0x0046
  public static let originalSubject: UInt16 = 0x0049
  public static let replyRecipientEntries: UInt16 = 0x004F
  public static let startDate: UInt16 = 0x0060
  public static let endDate: UInt16 = 0x0061
  public static let responseRequested: UInt16 = 0x0063
  public static let sentRepresentingAddressType: UInt16 = 0x0064
  public static let sentRepresentingEmailAddress: UInt16 = 0x0065
  public static let conversationTopic: UInt16 = 0x0070
  public static let conversationIndex: UInt16 = 0x0071
  public static let transportMessageHeaders: UInt16 = 0x007D
  public static let nonDeliveryDiagnosticCode: UInt16 = 0x0C05
  public static let recipientType: UInt16 = 0x0C15
  public static let senderEntryID: UInt16 = 0x0C19
  public static let senderName: UInt16 = 0x0C1A
  public static let supplementaryInfo: UInt16 = 0x0C1B
  public static let senderAddressType: UInt16 = 0x0C1E
  public static let senderEmailAddress: UInt16 = 0x0C1F
  public static let remoteMTA: UInt16 = 0x0C21
  public static let flagStatus: UInt16 = 0x1090
  public static let flagCompleteTime: UInt16 = 0x1091
  public static let displayBcc: UInt16 = 0x0E02
  public static let displayCc: UInt16 = 0x0E03
  public static let displayTo: UInt16 = 0x0E04
  public static let messageDeliveryTime: UInt16 = 0x0E06
  public static let messageFlags: UInt16 = 0x0E07
  public static let normalizedSubject: UInt16 = 0x0E1D
  public static let entryID: UInt16 = 0x0FFF
  public static let body: UInt16 = 0x1000
  public static let reportText: UInt16 = 0x1001
  public static let rtfCompressed: UInt16 = 0x1009
  public static let html: UInt16 = 0x1013
  public static let internetMessageID: UInt16 = 0x1035
  public static let internetReferences: UInt16 = 0x1039
  public static let inReplyToID: UInt16 = 0x1042
  public static let listHelp: UInt16 = 0x1043
  public static let listSubscribe: UInt16 = 0x1044
  public static let listUnsubscribe: UInt16 = 0x1045
  public static let originalMessageID: UInt16 = 0x1046
  public static let displayName: UInt16 = 0x3001
  public static let addressType: UInt16 = 0x3002
  public static let emailAddress: UInt16 = 0x3003
  public static let creationTime: UInt16 = 0x3007
  public static let lastModificationTime: UInt16 = 0x3008
  public static let attachDataObject: UInt16 = 0x3701
  public static let attachEncoding: UInt16 = 0x3702
  public static let attachExtension: UInt16 = 0x3703
  public static let attachFileName: UInt16 = 0x3704
  public static let attachMethod: UInt16 = 0x3705
  public static let attachLongFileName: UInt16 = 0x3707
  public static let attachPathName: UInt16 = 0x3708
  public static let attachTransportName: UInt16 = 0x370C
  public static let attachLongPathName: UInt16 = 0x370D
  public static let attachMimeTag: UInt16 = 0x370E
  public static let attachContentID: UInt16 = 0x3712
  public static let attachContentLocation: UInt16 = 0x3713
  public static let attachFlags: UInt16 = 0x3714
  public static let exceptionReplaceTime: UInt16 = 0x7FF9
  public static let attachmentHidden: UInt16 = 0x7FFE
  public static let smtpAddress: UInt16 = 0x39FE
  public static let internetCodePage: UInt16 = 0x3FDE
  public static let messageLocaleID: UInt16 = 0x3FF1
  public static let messageCodePage: UInt16 = 0x3FFD
  public static let senderSMTPAddress: UInt16 = 0x5D01
  public static let sentRepresentingSMTPAddress: UInt16 = 0x5D02
  public static let readReceiptSMTPAddress: UInt16 = 0x5D05
  public static let reportingMTA: UInt16 = 0x6820

  // Those of a contact, [MS-OXOCNTC].
  public static let generation: UInt16 = 0x3A05
  public static let givenName: UInt16 = 0x3A06
  public static let businessTelephone: UInt16 = 0x3A08
  public static let homeTelephone: UInt16 = 0x3A09
  public static let surname: UInt16 = 0x3A11
  public static let companyName: UInt16 = 0x3A16
  public static let title: UInt16 = 0x3A17
  public static let departmentName: UInt16 = 0x3A18
  public static let mobileTelephone: UInt16 = 0x3A1C
  public static let businessFax: UInt16 = 0x3A24
  public static let country: UInt16 = 0x3A26
  public static let locality: UInt16 = 0x3A27
  public static let stateOrProvince: UInt16 = 0x3A28
  public static let streetAddress: UInt16 = 0x3A29
  public static let postalCode: UInt16 = 0x3A2A
  public static let birthday: UInt16 = 0x3A42
  public static let middleName: UInt16 = 0x3A44
  public static let displayNamePrefix: UInt16 = 0x3A45
  public static let nickname: UInt16 = 0x3A4F
  public static let personalHomePage: UInt16 = 0x3A50
  public static let businessHomePage: UInt16 = 0x3A51
  public static let homeLocality: UInt16 = 0x3A59
  public static let homeCountry: UInt16 = 0x3A5A
  public static let homePostalCode: UInt16 = 0x3A5B
  public static let homeStateOrProvince: UInt16 = 0x3A5C
  public static let homeStreet: UInt16 = 0x3A5D
}

/// The name of a property that has no number of its own, [MS-OXPROPS] 1.3.2: a property set, and a number or text in it.
public struct PropertyName: Sendable, Equatable {
  public var set: PropertySet
  public var number: UInt32
  /// Empty where the property has a number.
  public var text: String

  public init(_ set: PropertySet, _ number: UInt32) {
    (self.set, self.number, text) = (set, number, "")
  }

  public init(_ set: PropertySet, _ text: String) {
    (self.set, number, self.text) = (set, 0, text)
  }
}

/// A property set: its GUID, the first eight and the last eight bytes as numbers.
public struct PropertySet: Sendable, Equatable {
  public var first: UInt64
  public var last: UInt64

  public init(first: UInt64, last: UInt64) { (self.first, self.last) = (first, last) }

  init(_ bytes: Bytes, at offset: Int) {
    self.init(first: bytes.uint64(at: offset), last: bytes.uint64(at: offset + 8))
  }

  /// A set of the family {xxxxxxxx-0000-0000-C000-000000000046}, to which nearly all of Outlook's belong.
  public init(_ number: UInt32) { self.init(first: UInt64(number), last: 0x4600_0000_0000_00C0) }

  public static let mapi = PropertySet(0x0002_0328)
  public static let publicStrings = PropertySet(0x0002_0329)
  public static let appointment = PropertySet(0x0006_2002)
  public static let task = PropertySet(0x0006_2003)
  public static let address = PropertySet(0x0006_2004)
  public static let common = PropertySet(0x0006_2008)
  public static let log = PropertySet(0x0006_200A)
  public static let note = PropertySet(0x0006_200E)
  public static let internetHeaders = PropertySet(0x0002_0386)
  /// {6ED8DA90-450B-101B-98DA-00AA003F1305}
  public static let meeting = PropertySet(first: 0x101B_450B_6ED8_DA90, last: 0x0513_3F00_AA00_DA98)
}
