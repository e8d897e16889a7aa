import { createHash } from 'node:crypto'

import secp256k1 from 'secp256k1'

import { BLOCK_RECORDS } from '../../scenarios/ballots/Spool.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import * as BlockWriter from '../../scenarios/presign/BlockWriter.ts'
import { alternate, cpuUsPer, type Benchmark } from './Benchmark.ts'
import * as Fixture from './Fixture.ts'

const SIGNATURES = 4096
const ROUNDS = 11

/** Everything that a spool of `relayed` takes, against the signature alone. */
export const relayedRecord: Benchmark = {
  name: 'relayed-record',
  description:
    'a ballot of `relayed` (voter, choice, key, EIP-712, signature, record, digest, write) against the bare native signature',
  limit: { kind: 'least', value: 0.6, unit: 'times' },
  async measure(folder) {
    const writer = BlockWriter.create(await Fixture.work(folder, 'api'))
    const tasks = Array.from({ length: SIGNATURES }, (_, index) => ({
      digest: createHash('sha256').update(String(index)).digest(),
      key: Electorate.privateKey(Fixture.ELECTORATE.seed, index),
    }))
    const measurement = await alternate({
      rounds: ROUNDS,
      names: ['records', 'signatures'],
      ours: (round) => cpuUsPer(BLOCK_RECORDS, () => writer.write(round)),
      theirs: () =>
        cpuUsPer(SIGNATURES, () => {
          for (const { digest, key } of tasks) secp256k1.ecdsaSign(digest, key)
        }),
    })
    writer.close()
    return measurement
  },
}
