import { createHmac } from 'node:crypto'

import { computeAddress, SigningKey } from 'ethers'

/** The throwaway identity of a node: worth nothing outside the run, for its seed reveals it. */
export type NodeKey = {
  /** 32 bytes in hex, without prefix. */
  privateKey: string
  /** The address by which a validator is known. */
  address: string
  /** The 64 bytes in hex by which its peers know it. */
  enodeId: string
}

/**
 * The key of node `index`: a function of the seed.
 *
 * A value outside the curve's order comes up once in 2^128 keys; ethers would refuse it.
 */
export function derive(seed: string, chainId: number, index: number): NodeKey {
  const privateKey = createHmac('sha256', seed).update(`node/v1/${chainId}/${index}`).digest('hex')
  const signingKey = new SigningKey(`0x${privateKey}`)
  return {
    privateKey,
    address: computeAddress(signingKey),
    enodeId: signingKey.publicKey.slice('0x04'.length),
  }
}
