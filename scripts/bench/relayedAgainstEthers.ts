import { Wallet } from 'ethers'

import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import { BLOCK_RECORDS } from '../../scenarios/ballots/Spool.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import * as BlockWriter from '../../scenarios/presign/BlockWriter.ts'
import { alternate, cpuUsPer, type Benchmark } from './Benchmark.ts'
import * as Fixture from './Fixture.ts'

const SIGNATURES = 512
const ROUNDS = 11

const TYPES = {
  Ballot: [
    { name: 'pollId', type: 'uint256' },
    { name: 'pollDigest', type: 'bytes32' },
    { name: 'choice', type: 'uint256' },
  ],
}

/** Everything that a spool of `relayed` takes, against ethers with its wallet ready. */
export const relayedAgainstEthers: Benchmark = {
  name: 'relayed-against-ethers',
  description: 'a whole ballot of `relayed` against `signTypedData` of ethers, its wallet ready',
  limit: { kind: 'least', value: 6, unit: 'times' },
  async measure(folder) {
    const writer = BlockWriter.create(await Fixture.work(folder, 'api'))
    const key = Electorate.privateKey(Fixture.ELECTORATE.seed, 0)
    const wallet = new Wallet(`0x${key.toString('hex')}`)
    const domain = { name: Ballot.DOMAIN_NAME, version: Ballot.DOMAIN_VERSION, ...Fixture.DOMAIN }
    const pollDigest = `0x${'22'.repeat(32)}`
    const measurement = await alternate({
      rounds: ROUNDS,
      names: ['records', 'signTypedData'],
      ours: (round) => cpuUsPer(BLOCK_RECORDS, () => writer.write(round)),
      theirs: () =>
        cpuUsPer(SIGNATURES, async () => {
          for (let index = 0; index < SIGNATURES; index += 1) {
            await wallet.signTypedData(domain, TYPES, { pollId: 1, pollDigest, choice: index % 4 })
          }
        }),
    })
    writer.close()
    return measurement
  },
}
