import secp256k1 from 'secp256k1'

import * as Address from './Address.ts'

/** Bytes of a signature: r (32), s (32), v (1; 27 or 28). The only form that counts. */
export const SIZE_BYTES = 65

/** Half the order of secp256k1: a greater s is the malleated twin of a signature. */
const S_MAX = Buffer.from('7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0', 'hex')

/**
 * Signs a digest of 32 bytes; deterministic (RFC 6979) and with the low s.
 *
 * @param bytes - takes the signature; who signs millions makes no garbage by using the same again.
 */
export function sign(
  digest: Uint8Array,
  privateKey: Uint8Array,
  bytes: Buffer = Buffer.alloc(SIZE_BYTES),
): Buffer {
  const { signature, recid } = secp256k1.ecdsaSign(digest, privateKey)
  bytes.set(signature)
  bytes[64] = 27 + recid
  return bytes
}

/**
 * The address (20 bytes) that signed `digest`, or `undefined` where the signature is not 65 bytes,
 * has a high s, a v other than 27 or 28, or recovers to no key.
 */
export function recover(digest: Uint8Array, signature: Uint8Array): Buffer | undefined {
  const v = signature[64]
  if (signature.length !== SIZE_BYTES || (v !== 27 && v !== 28)) return undefined
  if (S_MAX.compare(signature, 32, 64) < 0) return undefined
  try {
    const publicKey = secp256k1.ecdsaRecover(signature.subarray(0, 64), v - 27, digest, false)
    return Address.fromPublicKey(publicKey)
  } catch {
    return undefined
  }
}
