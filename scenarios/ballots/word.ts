/** A non-negative safe integer as the 32 bytes, big end first, of an EVM word. */
export function word(value: number): Buffer {
  const bytes = Buffer.alloc(32)
  bytes.writeBigUInt64BE(BigInt(value), 24)
  return bytes
}
