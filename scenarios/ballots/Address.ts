import secp256k1 from 'secp256k1'

import { keccak256 } from './keccak256.ts'

/** Bytes of an address. */
export const SIZE_BYTES = 20

/** The address of an uncompressed public key of 65 bytes (0x04 first), as 20 bytes. */
export function fromPublicKey(publicKey: Uint8Array): Buffer {
  return keccak256(publicKey.subarray(1)).subarray(12)
}

/** The address that a private key of 32 bytes signs for, as 20 bytes. */
export function fromPrivateKey(privateKey: Uint8Array): Buffer {
  return fromPublicKey(secp256k1.publicKeyCreate(privateKey, false))
}

/** Lower-case hex with `0x`; the wire formats never carry the mixed-case checksum form. */
export function toHex(address: Uint8Array): string {
  return `0x${Buffer.from(address.buffer, address.byteOffset, SIZE_BYTES).toString('hex')}`
}
