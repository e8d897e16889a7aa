import { writeFileSync } from 'node:fs'

import * as Address from '../../scenarios/ballots/Address.ts'
import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import * as Signature from '../../scenarios/ballots/Signature.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'

/** A ballot of the test's city, with all that API, database and checker want to know of it. */
export type CityBallot = Ballot.Ballot & { voter: Buffer; ballotHash: Buffer }

/** The city of all tests of the whole system: a seed. */
export const SEED = 'kills'

/** Writes the register of the first `voterCount` voters. */
export function writeRegister(file: string, voterCount: number): void {
  const addresses = Array.from({ length: voterCount }, (_, index) =>
    Address.fromPrivateKey(Electorate.privateKey(SEED, index)),
  )
  writeFileSync(file, Buffer.concat(addresses))
}

/** Signs the ballot of a voter. */
export function sign(
  domain: Ballot.Domain,
  poll: { pollId: number; pollDigest: string },
  { voterIndex, choice }: { voterIndex: number; choice: number },
): CityBallot {
  const key = Electorate.privateKey(SEED, voterIndex)
  const voter = Address.fromPrivateKey(key)
  const digest = Ballot.digest(Ballot.domainSeparator(domain), {
    pollId: poll.pollId,
    pollDigest: Buffer.from(poll.pollDigest.slice(2), 'hex'),
    choice,
  })
  const signature = Signature.sign(digest, key)
  return {
    pollId: poll.pollId,
    voterIndex,
    choice,
    signature,
    voter,
    ballotHash: Ballot.hash(digest, voter),
  }
}

/** What a voter posts to the API. */
export function toBody(ballot: CityBallot): string {
  return JSON.stringify({
    voter: Address.toHex(ballot.voter),
    voterIndex: ballot.voterIndex,
    choice: ballot.choice,
    signature: `0x${Buffer.from(ballot.signature).toString('hex')}`,
  })
}
