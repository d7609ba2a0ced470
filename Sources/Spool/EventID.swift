extension Event {
  /// Numbers of the original connector where it had one for the same thing, others from 20000.
  public enum ID {
    /// IMPORT or EXPORT could not be executed (Q294947).
    public static let notExecuted = 43
    /// Conversion of a message failed, and it was put aside.
    public static let conversionFailed = 54
    /// IMPORT by its result code: 0, 1, 3, 4, 5 (Q181186, Q168670, Q195649, Q179072, Q180641).
    public static let imported = 58
    public static let importFailed = 59
    public static let importConfiguration = 61
    public static let importLocked = 62
    public static let undeliverable = 63
    /// EXPORT could not be run, and by its result code: 0, 1, 3, 4 (Q190275, Q181186, Q168465, Q166045, Q179072).
    public static let exportNotRun = 65
    public static let exported = 67
    public static let exportFailed = 68
    public static let exportConfiguration = 70
    public static let exportLocked = 71
    /// Insufficient disk space.
    public static let noSpace = 98
    /// From, date and recipients of a message that was handed to IMPORT (Q181186).
    public static let sent = 11001
    public static let done = 20000
    public static let findings = 20001
    public static let recovered = 20012
    public static let returned = 20013
    public static let renamed = 20014
    public static let systemError = 20020
    public static let notAFile = 20021
    public static let struckOut = 20022
    /// Something in the queue cannot be claimed, and is passed over.
    public static let unclaimed = 20023
    /// A message was taken out of its fate and put back.
    public static let replayed = 20030
    /// An audit repaired something.
    public static let repaired = 20031
    /// A message is about to be put back.
    public static let replaying = 20032
    /// It was not put back after all, or not discarded.
    public static let notReplayed = 20033
    /// Messages are about to be pruned, were, and were not after all.
    public static let pruning = 20050
    public static let pruned = 20051
    public static let notPruned = 20052
    /// A message is about to be discarded, and was.
    public static let discarding = 20053
    public static let discarded = 20054
    /// A message is about to be replaced by what somebody has made of it.
    public static let mending = 20055
    /// Somebody knows that a file is gone, or is there, or has changed.
    public static let acknowledged = 20056
    /// What a program did to its surroundings: children left behind, a log too long, an input changed.
    public static let programTrouble = 20040
    /// Result code and evidence do not agree, or neither tells whether a message was taken.
    public static let uncertain = 20041
    /// A batch is divided to find the message that it failed for.
    public static let divided = 20042
    /// A message that is known came again.
    public static let cameAgain = 20043
    /// A report to a sender, and why none was made.
    public static let reportMade = 20044
    public static let noReport = 20045
  }
}
