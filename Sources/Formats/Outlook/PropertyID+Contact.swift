/// The properties of a contact, [MS-OXOCNTC] 2.2.1, besides those that nearly every one has.
extension PropertyID {
  // MARK: Telephones

  public static let callbackTelephone: UInt16 = 0x3A02
  public static let primaryTelephone: UInt16 = 0x3A1A
  public static let business2Telephone: UInt16 = 0x3A1B
  public static let radioTelephone: UInt16 = 0x3A1D
  public static let carTelephone: UInt16 = 0x3A1E
  public static let otherTelephone: UInt16 = 0x3A1F
  public static let pagerTelephone: UInt16 = 0x3A21
  public static let primaryFax: UInt16 = 0x3A23
  public static let homeFax: UInt16 = 0x3A25
  public static let telex: UInt16 = 0x3A2C
  public static let isdn: UInt16 = 0x3A2D
  public static let assistantTelephone: UInt16 = 0x3A2E
  public static let home2Telephone: UInt16 = 0x3A2F
  public static let ttyTddTelephone: UInt16 = 0x3A4B
  public static let companyMainTelephone: UInt16 = 0x3A57

  // MARK: Addresses

  public static let postOfficeBox: UInt16 = 0x3A2B
  public static let postalAddress: UInt16 = 0x3A15
  public static let homePostOfficeBox: UInt16 = 0x3A5E
  public static let otherLocality: UInt16 = 0x3A5F
  public static let otherCountry: UInt16 = 0x3A60
  public static let otherPostalCode: UInt16 = 0x3A61
  public static let otherStateOrProvince: UInt16 = 0x3A62
  public static let otherStreet: UInt16 = 0x3A63
  public static let otherPostOfficeBox: UInt16 = 0x3A64

  // MARK: The person

  public static let account: UInt16 = 0x3A00
  public static let governmentID: UInt16 = 0x3A07
  public static let initials: UInt16 = 0x3A0A
  public static let keyword: UInt16 = 0x3A0B
  public static let language: UInt16 = 0x3A0C
  public static let location: UInt16 = 0x3A0D
  public static let organizationalID: UInt16 = 0x3A10
  public static let officeLocation: UInt16 = 0x3A19
  public static let assistant: UInt16 = 0x3A30
  public static let weddingAnniversary: UInt16 = 0x3A41
  public static let hobbies: UInt16 = 0x3A43
  public static let profession: UInt16 = 0x3A46
  public static let referredBy: UInt16 = 0x3A47
  public static let spouse: UInt16 = 0x3A48
  public static let computerNetwork: UInt16 = 0x3A49
  public static let customerID: UInt16 = 0x3A4A
  public static let ftpSite: UInt16 = 0x3A4C
  public static let gender: UInt16 = 0x3A4D
  public static let manager: UInt16 = 0x3A4E
  public static let childrensNames: UInt16 = 0x3A58
}
