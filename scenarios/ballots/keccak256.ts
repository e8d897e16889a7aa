import createKeccakHash from 'keccak'

/**
 * Keccak-256 of the concatenation of the given parts, by the native binding (about 250,000 short
 * inputs a second on one core; ethers' pure JavaScript makes a third of that).
 *
 * @returns 32 bytes.
 */
export function keccak256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createKeccakHash('keccak256')
  for (const part of parts) hash.update(Buffer.from(part.buffer, part.byteOffset, part.byteLength))
  return hash.digest()
}
