/// What should be there and has not been seen yet: a count for each key, 16 bytes, so that a million messages need some
/// tens of megabytes. The names come back in a second reading, if anything is wrong.
struct AuditLedger {
  struct Entry {
    /// 0 for a free place.
    var key: UInt64 = 0
    /// How many are expected and not seen; below 0, how many were seen and not expected.
    var balance: Int32 = 0
    /// How many of them may as well be absent.
    var optional: Int32 = 0

    var isSound: Bool { balance == 0 || (balance > 0 && balance <= max(0, optional)) }
  }

  /// Each part grows by itself: there are never two copies of the whole.
  private static let parts = 64
  private var places = [[Entry]](repeating: [Entry](repeating: Entry(), count: 16), count: parts)
  private var used = [Int](repeating: 0, count: parts)

  /// Changes the counts of a key.
  mutating func add(_ key: UInt64, _ balance: Int, optional: Int = 0) {
    let part = Self.part(key)
    var place = Self.place(key, in: places[part])
    if places[part][place].key == 0 {
      if (used[part] + 1) * 8 > places[part].count * 7 {
        grow(part)
        place = Self.place(key, in: places[part])
      }
      places[part][place].key = key
      used[part] += 1
    }
    places[part][place].balance &+= Int32(truncatingIfNeeded: balance)
    places[part][place].optional &+= Int32(truncatingIfNeeded: optional)
  }

  /// Crosses one out that is expected; false when none is.
  mutating func take(_ key: UInt64) -> Bool {
    let part = Self.part(key)
    let place = Self.place(key, in: places[part])
    guard places[part][place].key == key, places[part][place].balance > 0 else { return false }
    places[part][place].balance -= 1
    return true
  }

  /// The counts of a key; nil where there are none.
  func entry(_ key: UInt64) -> Entry? {
    let part = Self.part(key)
    let entry = places[part][Self.place(key, in: places[part])]
    return entry.key == key ? entry : nil
  }

  /// Takes the counts of a key out; nil where they are nothing, or were taken out before.
  mutating func remove(_ key: UInt64) -> Entry? {
    let part = Self.part(key)
    let place = Self.place(key, in: places[part])
    let entry = places[part][place]
    guard entry.key == key, entry.balance != 0 || entry.optional != 0 else { return nil }
    (places[part][place].balance, places[part][place].optional) = (0, 0)
    return entry
  }

  func expects(_ key: UInt64) -> Bool {
    let part = Self.part(key)
    let entry = places[part][Self.place(key, in: places[part])]
    return entry.key == key && entry.balance > 0
  }

  /// The entries that are not sound, at most `limit` of them, and how many there are.
  func unsound(limit: Int) -> (entries: [UInt64: Entry], count: Int) {
    var entries: [UInt64: Entry] = [:]
    var count = 0
    for part in places {
      for entry in part where entry.key != 0 && !entry.isSound {
        count += 1
        if entries.count < limit { entries[entry.key] = entry }
      }
    }
    return (entries, count)
  }

  private static func part(_ key: UInt64) -> Int { Int(key % UInt64(parts)) }

  /// Where a key is, or where there is room for it; never full.
  private static func place(_ key: UInt64, in part: [Entry]) -> Int {
    var place = Int(key.multipliedFullWidth(by: UInt64(part.count)).high)
    while part[place].key != 0, part[place].key != key {
      place += 1
      if place == part.count { place = 0 }
    }
    return place
  }

  private mutating func grow(_ number: Int) {
    let old = places[number]
    places[number] = [Entry](repeating: Entry(), count: old.count + old.count / 2)
    for entry in old where entry.key != 0 { places[number][Self.place(entry.key, in: places[number])] = entry }
  }
}
