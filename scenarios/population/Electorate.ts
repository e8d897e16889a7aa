import { createHmac } from 'node:crypto'

import secp256k1 from 'secp256k1'

/** All who may vote: a function of the seed, never a table. */
export type Electorate = {
  seed: string
  /** Number of voters, 1 to 2^32. */
  size: number
}

/**
 * The private key of voter `index`, 32 bytes: HMAC-SHA-256 under the seed, drawn again in the one
 * case of 2^128 in which the result is no key of the curve. Worth nothing outside the run; never
 * written anywhere.
 */
export function privateKey(seed: string, index: number): Buffer {
  return derive(seed, 'voter', index)
}

/**
 * The private key of a role of the harness (deployer, relayer, receipts), 32 bytes. Its domain is
 * apart from that of the voters.
 */
export function rolePrivateKey(seed: string, role: string, index = 0): Buffer {
  return derive(seed, `role/${role}`, index)
}

function derive(seed: string, domain: string, index: number): Buffer {
  for (let attempt = 0; ; attempt += 1) {
    const key = createHmac('sha256', `ballotstorm/v1\0${seed}`)
      .update(`${domain}\0${index}\0${attempt}`)
      .digest()
    if (secp256k1.privateKeyVerify(key)) return key
  }
}
