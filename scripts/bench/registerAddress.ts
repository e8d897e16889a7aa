import { join } from 'node:path'

import secp256k1 from 'secp256k1'

import * as Address from '../../scenarios/ballots/Address.ts'
import { REGISTER_CHUNK_VOTERS } from '../../scenarios/ballots/Contract.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import * as BlockWriter from '../../scenarios/presign/BlockWriter.ts'
import { alternate, cpuUsPer, type Benchmark } from './Benchmark.ts'
import * as Fixture from './Fixture.ts'

/** Chunks of the register in a round: about as long as a round of the other benchmarks. */
const CHUNKS = 4
const ROUNDS = 11

/** Everything that a register takes, against the public key alone. */
export const registerAddress: Benchmark = {
  name: 'register-address',
  description:
    'an address of the register (key, public key, hash, chunk, digest, write) against the bare native public key',
  limit: { kind: 'least', value: 0.6, unit: 'times' },
  async measure(folder) {
    const file = join(folder, 'register.bin')
    const { seed, size } = Fixture.ELECTORATE
    Fixture.makeFile(file, size * Address.SIZE_BYTES)
    const writer = BlockWriter.create({ kind: 'register', file, electorate: { seed, size } })
    const voters = CHUNKS * REGISTER_CHUNK_VOTERS
    const keys = Array.from({ length: voters }, (_, index) => Electorate.privateKey(seed, index))
    const measurement = await alternate({
      rounds: ROUNDS,
      names: ['addresses', 'public keys'],
      ours: (round) =>
        cpuUsPer(voters, () => {
          for (let chunk = 0; chunk < CHUNKS; chunk += 1) writer.write(round * CHUNKS + chunk)
        }),
      theirs: () =>
        cpuUsPer(voters, () => {
          for (const key of keys) secp256k1.publicKeyCreate(key, false)
        }),
    })
    writer.close()
    return measurement
  },
}
