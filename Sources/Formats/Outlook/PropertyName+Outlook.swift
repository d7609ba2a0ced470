/// Named properties of contacts, tasks, notes, journal entries and of all of them, by their names in [MS-OXPROPS] without
/// `PidLid`.
extension PropertyName {
  // MARK: All kinds

  public static let reminderDelta = PropertyName(.common, 0x8501)
  public static let reminderTime = PropertyName(.common, 0x8502)
  public static let reminderSet = PropertyName(.common, 0x8503)
  public static let isPrivate = PropertyName(.common, 0x8506)
  public static let commonStart = PropertyName(.common, 0x8516)
  public static let commonEnd = PropertyName(.common, 0x8517)
  public static let taskGlobalID = PropertyName(.common, 0x8519)
  public static let verbStream = PropertyName(.common, 0x8520)
  public static let verbResponse = PropertyName(.common, 0x8524)
  public static let flagRequest = PropertyName(.common, 0x8530)
  public static let mileage = PropertyName(.common, 0x8534)
  public static let billing = PropertyName(.common, 0x8535)
  public static let companies = PropertyName(.common, 0x8539)
  public static let contacts = PropertyName(.common, 0x853A)

  // MARK: Contacts, [MS-OXOCNTC]

  public static let fileUnder = PropertyName(.address, 0x8005)
  public static let homeAddress = PropertyName(.address, 0x801A)
  public static let workAddress = PropertyName(.address, 0x801B)
  public static let otherAddress = PropertyName(.address, 0x801C)
  public static let contactHTML = PropertyName(.address, 0x802B)
  public static let yomiFirstName = PropertyName(.address, 0x802C)
  public static let yomiLastName = PropertyName(.address, 0x802D)
  public static let yomiCompanyName = PropertyName(.address, 0x802E)
  public static let workStreet = PropertyName(.address, 0x8045)
  public static let workCity = PropertyName(.address, 0x8046)
  public static let workState = PropertyName(.address, 0x8047)
  public static let workPostalCode = PropertyName(.address, 0x8048)
  public static let workCountry = PropertyName(.address, 0x8049)
  public static let workPostOfficeBox = PropertyName(.address, 0x804A)
  public static let contactUserField1 = PropertyName(.address, 0x804F)
  public static let contactUserField2 = PropertyName(.address, 0x8050)
  public static let contactUserField3 = PropertyName(.address, 0x8051)
  public static let contactUserField4 = PropertyName(.address, 0x8052)
  public static let distributionListName = PropertyName(.address, 0x8053)
  public static let distributionListMembers = PropertyName(.address, 0x8054)
  public static let distributionListOneOffMembers = PropertyName(.address, 0x8055)
  public static let instantMessagingAddress = PropertyName(.address, 0x8062)
  public static let distributionListStream = PropertyName(.address, 0x8064)
  public static let freeBusyLocation = PropertyName(.address, 0x80D8)
  public static let birthdayLocal = PropertyName(.address, 0x80DE)
  public static let weddingAnniversaryLocal = PropertyName(.address, 0x80DF)

  // MARK: Tasks, [MS-OXOTASK]

  public static let taskStatus = PropertyName(.task, 0x8101)
  public static let percentComplete = PropertyName(.task, 0x8102)
  public static let teamTask = PropertyName(.task, 0x8103)
  public static let taskStartDate = PropertyName(.task, 0x8104)
  public static let taskDueDate = PropertyName(.task, 0x8105)
  public static let taskDateCompleted = PropertyName(.task, 0x810F)
  public static let taskActualEffort = PropertyName(.task, 0x8110)
  public static let taskEstimatedEffort = PropertyName(.task, 0x8111)
  public static let taskVersion = PropertyName(.task, 0x8112)
  public static let taskRecurrence = PropertyName(.task, 0x8116)
  public static let taskAssigner = PropertyName(.task, 0x8121)
  public static let taskOwner = PropertyName(.task, 0x811F)
  public static let taskLastUser = PropertyName(.task, 0x8122)
  public static let taskLastDelegate = PropertyName(.task, 0x8125)
  public static let taskRole = PropertyName(.task, 0x8127)

  // MARK: Notes, [MS-OXONOTE]

  public static let noteColor = PropertyName(.note, 0x8B00)
  public static let noteWidth = PropertyName(.note, 0x8B02)
  public static let noteHeight = PropertyName(.note, 0x8B03)
  public static let noteX = PropertyName(.note, 0x8B04)
  public static let noteY = PropertyName(.note, 0x8B05)

  // MARK: Journal entries, [MS-OXOJRNL]

  public static let logType = PropertyName(.log, 0x8700)
  public static let logStart = PropertyName(.log, 0x8706)
  public static let logDuration = PropertyName(.log, 0x8707)
  public static let logEnd = PropertyName(.log, 0x8708)
  public static let logTypeDescription = PropertyName(.log, 0x8712)
}
