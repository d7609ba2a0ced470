/// Those who had to do with a message, [MS-OXPROPS]: each has an address type, an address, an entry identifier and, in
/// newer versions, an address of the Internet.
extension PropertyID {
  // MARK: The one who received it, and for whom

  public static let receivedByEntryID: UInt16 = 0x003F
  public static let receivedRepresentingEntryID: UInt16 = 0x0043
  public static let receivedByAddressType: UInt16 = 0x0075
  public static let receivedByEmailAddress: UInt16 = 0x0076
  public static let receivedRepresentingAddressType: UInt16 = 0x0077
  public static let receivedRepresentingEmailAddress: UInt16 = 0x0078
  public static let receivedByName: UInt16 = 0x0040
  public static let receivedRepresentingName: UInt16 = 0x0044
  public static let receivedBySMTPAddress: UInt16 = 0x5D07
  public static let receivedRepresentingSMTPAddress: UInt16 = 0x5D08

  // MARK: The one who sent or wrote what this answers or forwards

  public static let originalAuthorEntryID: UInt16 = 0x004C
  public static let originalSenderEntryID: UInt16 = 0x005B
  public static let originalSentRepresentingEntryID: UInt16 = 0x005E
  public static let originalSenderAddressType: UInt16 = 0x0066
  public static let originalSenderEmailAddress: UInt16 = 0x0067
  public static let originalSentRepresentingAddressType: UInt16 = 0x0068
  public static let originalSentRepresentingEmailAddress: UInt16 = 0x0069
  public static let originalAuthorAddressType: UInt16 = 0x0079
  public static let originalAuthorEmailAddress: UInt16 = 0x007A

  // MARK: The one who made it, and who changed it last

  public static let creatorEntryID: UInt16 = 0x3FF9
  public static let lastModifierEntryID: UInt16 = 0x3FFB
  public static let creatorAddressType: UInt16 = 0x4022
  public static let creatorEmailAddress: UInt16 = 0x4023
  public static let lastModifierAddressType: UInt16 = 0x4024
  public static let lastModifierEmailAddress: UInt16 = 0x4025
  public static let creatorSMTPAddress: UInt16 = 0x5D0A
  public static let lastModifierSMTPAddress: UInt16 = 0x5D0B

  // MARK: Recipients

  public static let replyRecipientNames: UInt16 = 0x0050
  public static let recipientEntryID: UInt16 = 0x5FF7
  public static let recipientFlags: UInt16 = 0x5FFD
  public static let recipientTrackStatus: UInt16 = 0x5FFF
  public static let proxyAddresses: UInt16 = 0x800F
}
