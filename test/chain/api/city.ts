import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import { keccak256 } from '../../../scenarios/ballots/keccak256.ts'
import * as Signature from '../../../scenarios/ballots/Signature.ts'
import { word } from '../../../scenarios/ballots/word.ts'
import type { Body } from '../../../chain/api/Admission.ts'
import type { Poll } from '../../../chain/database/Polls.ts'

/** Where the ballots of these tests count. */
export const DOMAIN: Ballot.Domain = {
  chainId: 8995,
  verifyingContract: '0x00000000000000000000000000000000000000b0',
}

export const RECEIPT_KEY: Buffer = keccak256(Buffer.from('receipts'))

const separator = Ballot.domainSeparator(DOMAIN)

/** The key of voter `index`. */
export function key(index: number): Buffer {
  return keccak256(word(index + 1))
}

/** An open poll of three options; times in Unix seconds around `nowS`. */
export function poll(pollId: number, nowS: number): Omit<Poll, 'slice'> {
  return {
    pollId,
    pollDigest: keccak256(word(pollId)),
    question: `Question ${pollId}?`,
    options: ['Yes', 'No', 'Neither'],
    opensAt: nowS - 60,
    closesAt: nowS + 600,
    sealsAt: nowS + 660,
  }
}

/** A valid ballot, as the body of a request. */
export function ballot(pollId: number, voterIndex: number, choice: number): Body {
  const privateKey = key(voterIndex)
  const pollDigest = keccak256(word(pollId))
  const digest = Ballot.digest(separator, { pollId, pollDigest, choice })
  return {
    voter: Address.toHex(Address.fromPrivateKey(privateKey)),
    voterIndex,
    choice,
    signature: `0x${Signature.sign(digest, privateKey).toString('hex')}`,
  }
}

/** Writes the register of `count` voters into `folder`. */
export function writeRegister(folder: string, count: number): string {
  const file = join(folder, 'register.bin')
  const addresses = Array.from({ length: count }, (_, index) => Address.fromPrivateKey(key(index)))
  writeFileSync(file, Buffer.concat(addresses))
  return file
}
