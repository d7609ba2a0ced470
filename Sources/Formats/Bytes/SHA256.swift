import CSHA256

/// The secure hash algorithm SHA-256 of FIPS 180-4: 32 bytes that no two messages share.
public struct SHA256: Sendable {
  private var state: [UInt32] = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var pending: [UInt8] = []
  private var length = 0
  private let usesInstructions: Bool

  public init() { usesInstructions = Self.hasInstructions }

  /// - Parameter usesInstructions: whether the processor's own instructions are to be used, where it has them.
  init(usesInstructions: Bool) { self.usesInstructions = usesInstructions && Self.hasInstructions }

  /// Adds `bytes` to what is hashed.
  public mutating func update(_ bytes: Bytes) {
    length += bytes.count
    var start = 0
    if !pending.isEmpty {
      start = min(64 - pending.count, bytes.count)
      pending.append(bytes, 0..<start)
      guard pending.count == 64 else { return }
      let block = pending
      compress(block.span, 0, 1)
      pending.removeAll(keepingCapacity: true)
    }
    let blocks = (bytes.count - start) / 64
    compress(bytes, start, blocks)
    start += blocks * 64
    pending.append(bytes, start..<bytes.count)
  }

  /// The digest of everything that was added.
  public consuming func finish() -> [UInt8] {
    let bits = UInt64(length) &* 8
    var padding: [UInt8] = [0x80]
    while (pending.count + padding.count) % 64 != 56 { padding.append(0) }
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      padding.append(UInt8(truncatingIfNeeded: bits >> shift))
    }
    update(padding.span)
    return state.flatMap { word in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) } }
  }

  /// The digest of `bytes`.
  public static func digest(_ bytes: Bytes) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finish()
  }

  /// The digest of `bytes` in 64 hexadecimal digits.
  public static func hexadecimal(_ bytes: Bytes) -> String {
    var text: [UInt8] = []
    for byte in digest(bytes) { text.append(hexadecimal: byte) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Whether the processor has instructions for it.
  private static let hasInstructions = ccmc_has_sha256() != 0

  /// Blocks of 64 bytes that begin at `start`.
  private mutating func compress(_ bytes: Bytes, _ start: Int, _ blocks: Int) {
    guard usesInstructions else {
      for block in 0..<blocks { compress(bytes, start + 64 * block) }
      return
    }
    guard blocks > 0, start >= 0, bytes.count - start >= blocks * 64 else { return }
    bytes.withUnsafeBufferPointer { bytes in
      guard let data = bytes.baseAddress else { return }
      ccmc_sha256(&state, data + start, blocks, Self.constants)
    }
  }

  /// One block, section 6.2.2.
  private mutating func compress(_ bytes: Bytes, _ start: Int) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { w in
      bytes.withUnsafeBytes { raw in
        for t in 0..<16 { w[t] = UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: start + 4 * t, as: UInt32.self)) }
      }
      for t in 16..<64 {
        let s0 = Self.rotated(w[t - 15], 7) ^ Self.rotated(w[t - 15], 18) ^ w[t - 15] >> 3
        let s1 = Self.rotated(w[t - 2], 17) ^ Self.rotated(w[t - 2], 19) ^ w[t - 2] >> 10
        w[t] = s1 &+ w[t - 7] &+ s0 &+ w[t - 16]
      }
      var (a, b, c, d) = (state[0], state[1], state[2], state[3])
      var (e, f, g, h) = (state[4], state[5], state[6], state[7])
      Self.constants.withUnsafeBufferPointer { k in
        for t in 0..<64 {
          let s1 = Self.rotated(e, 6) ^ Self.rotated(e, 11) ^ Self.rotated(e, 25)
          let t1 = h &+ s1 &+ (e & f ^ ~e & g) &+ k[t] &+ w[t]
          let s0 = Self.rotated(a, 2) ^ Self.rotated(a, 13) ^ Self.rotated(a, 22)
          let t2 = s0 &+ (a & b ^ a & c ^ b & c)
          (h, g, f, e) = (g, f, e, d &+ t1)
          (d, c, b, a) = (c, b, a, t1 &+ t2)
        }
      }
      for (i, value) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= value }
    }
  }

  @inline(__always) private static func rotated(_ x: UInt32, _ n: UInt32) -> UInt32 { x >> n | x << (32 - n) }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]
}
