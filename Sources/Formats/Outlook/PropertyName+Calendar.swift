/// Named properties of appointments and meetings, [MS-OXOCAL], by their names in [MS-OXPROPS] without `PidLid`.
extension PropertyName {
  // MARK: Appointments

  public static let appointmentSequence = PropertyName(.appointment, 0x8201)
  public static let busyStatus = PropertyName(.appointment, 0x8205)
  public static let location = PropertyName(.appointment, 0x8208)
  public static let appointmentStartWhole = PropertyName(.appointment, 0x820D)
  public static let appointmentEndWhole = PropertyName(.appointment, 0x820E)
  public static let appointmentSubType = PropertyName(.appointment, 0x8215)
  public static let appointmentRecur = PropertyName(.appointment, 0x8216)
  public static let appointmentStateFlags = PropertyName(.appointment, 0x8217)
  public static let recurring = PropertyName(.appointment, 0x8223)
  public static let exceptionReplaceTime = PropertyName(.appointment, 0x8228)
  public static let recurrencePattern = PropertyName(.appointment, 0x8232)
  public static let timeZoneStruct = PropertyName(.appointment, 0x8233)
  public static let timeZoneDescription = PropertyName(.appointment, 0x8234)
  public static let appointmentProposedStartWhole = PropertyName(.appointment, 0x8250)
  public static let appointmentProposedEndWhole = PropertyName(.appointment, 0x8251)
  public static let appointmentCounterProposal = PropertyName(.appointment, 0x8257)
  public static let timeZoneDefinitionStartDisplay = PropertyName(.appointment, 0x825E)
  public static let timeZoneDefinitionRecur = PropertyName(.appointment, 0x8260)

  // MARK: Meetings

  public static let attendeeCriticalChange = PropertyName(.meeting, 0x0001)
  public static let globalObjectID = PropertyName(.meeting, 0x0003)
  public static let ownerCriticalChange = PropertyName(.meeting, 0x001A)
  public static let cleanGlobalObjectID = PropertyName(.meeting, 0x0023)
}
