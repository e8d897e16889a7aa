import { Wallet } from 'ethers'

import * as Contract from '../../scenarios/ballots/Contract.ts'
import { BLOCK_RECORDS } from '../../scenarios/ballots/Spool.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import * as BlockWriter from '../../scenarios/presign/BlockWriter.ts'
import { GAS_LIMIT } from '../../scenarios/presign/Transaction.ts'
import { alternate, cpuUsPer, type Benchmark } from './Benchmark.ts'
import * as Fixture from './Fixture.ts'

const TRANSACTIONS = 512
const ROUNDS = 11

/** Everything that a spool of `direct` takes, against ethers with wallet and calldata ready. */
export const directAgainstEthers: Benchmark = {
  name: 'direct-against-ethers',
  description:
    'a whole ballot of `direct` against `signTransaction` of ethers, its wallet and calldata ready',
  limit: { kind: 'least', value: 5, unit: 'times' },
  async measure(folder) {
    const writer = BlockWriter.create(await Fixture.work(folder, 'rpc'))
    const key = Electorate.privateKey(Fixture.ELECTORATE.seed, 0)
    const wallet = new Wallet(`0x${key.toString('hex')}`)
    const { chainId, verifyingContract } = Fixture.DOMAIN
    const data = Contract.ballotBox.encodeFunctionData('cast', [1, `0x${'22'.repeat(32)}`, 7, 2])
    const transaction = { type: 0, chainId, to: verifyingContract, data, gasPrice: 0 }
    const measurement = await alternate({
      rounds: ROUNDS,
      names: ['records', 'signTransaction'],
      ours: (round) => cpuUsPer(BLOCK_RECORDS, () => writer.write(round)),
      theirs: () =>
        cpuUsPer(TRANSACTIONS, async () => {
          for (let nonce = 0; nonce < TRANSACTIONS; nonce += 1) {
            await wallet.signTransaction({ ...transaction, nonce, gasLimit: GAS_LIMIT })
          }
        }),
    })
    writer.close()
    return measurement
  },
}
