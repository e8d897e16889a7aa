import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Transaction, verifyTypedData } from 'ethers'
import { describe, expect, test } from 'vitest'

import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as Poll from '../../../scenarios/ballots/Poll.ts'
import * as Register from '../../../scenarios/ballots/Register.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import { presign } from '../../../scenarios/presign/presign.ts'
import { register } from '../../../scenarios/presign/register.ts'
import type { Path } from '../../../scenarios/ballots/Path.ts'

/**
 * Ballots that ethers checks: an independent reading of EIP-712 and of raw transactions. The full
 * number takes a minute: BALLOTSTORM_FULL=1 npm test -- test/scenarios/presign/ethers.test.ts
 */
const BALLOTS = process.env['BALLOTSTORM_FULL'] === '1' ? 10_000 : 50

const DOMAIN = { chainId: 8995, verifyingContract: `0x${'5f'.repeat(20)}` }
const POLL = { pollId: 1, question: 'Как благоустроить?', options: ['сквер', 'парк', 'ничего'] }
const TYPES = {
  Ballot: [
    { name: 'pollId', type: 'uint256' },
    { name: 'pollDigest', type: 'bytes32' },
    { name: 'choice', type: 'uint256' },
  ],
}

async function signed(folder: string, path: Path) {
  const registerFile = join(folder, 'register.bin')
  const spoolFile = join(folder, 'spool.bin')
  const electorate = { seed: 'ethers', size: BALLOTS }
  const registerCommitment = await register({ electorate, file: registerFile })
  await presign({
    path,
    electorate,
    polls: [POLL],
    ballotCount: BALLOTS,
    domain: DOMAIN,
    codeHash: `0x${'11'.repeat(32)}`,
    registerCommitment,
    registerFile,
    spoolFile,
  })
  return {
    spool: Spool.open(spoolFile),
    electors: Register.open(registerFile),
    pollDigest: Poll.digest(POLL, registerCommitment),
  }
}

describe('records', () => {
  test(
    'default: ethers recovers the voter from each relayed ballot',
    { timeout: 600_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-ethers-'))
      try {
        const { spool, electors, pollDigest } = await signed(folder, 'api')
        const domain = { name: Ballot.DOMAIN_NAME, version: Ballot.DOMAIN_VERSION, ...DOMAIN }
        for (let index = 0; index < BALLOTS; index += 1) {
          const { ballot, voter } = Spool.decodeSigned(spool.read(index, 1), 0)
          const message = { pollId: 1, pollDigest, choice: ballot.choice }
          const signature = `0x${Buffer.from(ballot.signature).toString('hex')}`
          const signer = verifyTypedData(domain, TYPES, message, signature).toLowerCase()
          expect(signer).toBe(Address.toHex(voter))
          expect(electors.at(ballot.voterIndex)).toEqual(voter)
        }
        spool.close()
        electors.close()
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )

  test(
    'default: ethers recovers the voter from each transaction',
    { timeout: 600_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-ethers-'))
      try {
        const { spool, electors } = await signed(folder, 'rpc')
        for (let index = 0; index < BALLOTS; index += 1) {
          const record = spool.read(index, 1)
          const raw = `0x${Spool.decodeTransaction(record, 0).toString('hex')}`
          const transaction = Transaction.from(raw)
          const voter = electors.at(Spool.decodeIntent(record, 0).voterIndex)
          expect(transaction.from?.toLowerCase()).toBe(Address.toHex(voter ?? Buffer.alloc(20)))
          expect(transaction.serialized).toBe(raw)
        }
        spool.close()
        electors.close()
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  )
})
