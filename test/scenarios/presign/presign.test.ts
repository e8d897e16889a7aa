import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Transaction } from 'ethers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import * as Address from '../../../scenarios/ballots/Address.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as Contract from '../../../scenarios/ballots/Contract.ts'
import * as Poll from '../../../scenarios/ballots/Poll.ts'
import * as Register from '../../../scenarios/ballots/Register.ts'
import * as Signature from '../../../scenarios/ballots/Signature.ts'
import * as Spool from '../../../scenarios/ballots/Spool.ts'
import * as Electorate from '../../../scenarios/population/Electorate.ts'
import { binding, presign, TooManyBallotsError } from '../../../scenarios/presign/presign.ts'
import { register } from '../../../scenarios/presign/register.ts'
import * as OwnTransaction from '../../../scenarios/presign/Transaction.ts'
import * as Workers from '../../../scenarios/presign/Workers.ts'
import type { Path } from '../../../scenarios/ballots/Path.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-presign-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const DOMAIN = { chainId: 8995, verifyingContract: `0x${'5f'.repeat(20)}` }
const ELECTORATE = { seed: 'seed', size: 300 }
const POLLS = [
  { pollId: 1, question: 'Первый?', options: ['a', 'b', 'c'] },
  { pollId: 2, question: 'Second?', options: ['x', 'y'] },
]

async function inputs(path: Path, ballotCount: number, polls = POLLS) {
  const registerFile = join(folder, 'register.bin')
  const registerCommitment = await register({ electorate: ELECTORATE, file: registerFile })
  return {
    path,
    electorate: ELECTORATE,
    polls,
    ballotCount,
    domain: DOMAIN,
    codeHash: `0x${'11'.repeat(32)}`,
    registerCommitment,
    registerFile,
    spoolFile: join(folder, 'spool.bin'),
  }
}

async function sign(path: Path, ballotCount: number) {
  const given = await inputs(path, ballotCount)
  const header = await presign(given)
  const spool = Spool.open(given.spoolFile)
  const records = spool.read(0, ballotCount)
  spool.close()
  return { ...given, header, records }
}

/** A town in which ballots are several blocks. */
const TOWN = { seed: 'town', size: 9000 }

async function townInputs(ballotCount: number) {
  const registerFile = join(folder, 'town.bin')
  const registerCommitment = await register({ electorate: TOWN, file: registerFile })
  const given = await inputs('api', ballotCount)
  return { ...given, electorate: TOWN, registerFile, registerCommitment }
}

/** The offsets of all records. */
function offsets(header: Spool.Header): number[] {
  return Array.from({ length: header.count }, (_, index) => index * header.recordSizeBytes)
}

describe('presign', () => {
  test('default: each signature is that of the voter whose address the register holds', async () => {
    const { header, records, registerCommitment, registerFile } = await sign('api', 600)
    const electors = Register.open(registerFile)
    const separator = Ballot.domainSeparator(DOMAIN)
    const votes = new Set<string>()
    for (const offset of offsets(header)) {
      const { ballot, voter } = Spool.decodeSigned(records, offset)
      const poll = POLLS[ballot.pollId - 1] ?? { question: '', options: [] }
      const pollDigest = Poll.digest(poll, registerCommitment)
      const digest = Ballot.digest(separator, { ...ballot, pollDigest })
      expect(Signature.recover(digest, ballot.signature)).toEqual(voter)
      expect(electors.at(ballot.voterIndex)).toEqual(voter)
      expect(ballot.choice).toBeLessThan(poll.options.length)
      votes.add(`${ballot.pollId} ${ballot.voterIndex}`)
    }
    electors.close()
    expect(votes.size).toBe(600)
    expect(Spool.verify(join(folder, 'spool.bin'))).toEqual(header)
  })

  test('behavior: direct ballots are transactions that ethers reads, nonces in cast order', async () => {
    const { header, records, registerCommitment } = await sign('rpc', 600)
    const sent = new Map<string, number>()
    for (const offset of offsets(header)) {
      const intent = Spool.decodeIntent(records, offset)
      const raw = `0x${Spool.decodeTransaction(records, offset).toString('hex')}`
      const transaction = Transaction.from(raw)
      const key = Electorate.privateKey('seed', intent.voterIndex)
      const from = Address.toHex(Address.fromPrivateKey(key))
      expect(transaction.from?.toLowerCase()).toBe(from)
      expect(transaction).toMatchObject({ type: 0, chainId: 8995n, gasPrice: 0n, value: 0n })
      expect(transaction.gasLimit).toBe(BigInt(OwnTransaction.GAS_LIMIT))
      expect(transaction.to?.toLowerCase()).toBe(DOMAIN.verifyingContract)
      expect(transaction.nonce).toBe(sent.get(from) ?? 0)
      sent.set(from, transaction.nonce + 1)
      const pollDigest = Poll.digest(
        POLLS[intent.pollId - 1] ?? { question: '', options: [] },
        registerCommitment,
      )
      const args = Contract.ballotBox.decodeFunctionData('cast', transaction.data)
      expect([...args]).toEqual([
        BigInt(intent.pollId),
        `0x${pollDigest.toString('hex')}`,
        BigInt(intent.voterIndex),
        BigInt(intent.choice),
      ])
    }
    expect(sent.size).toBe(300)
    expect(new Set(sent.values())).toEqual(new Set([2]))
  })

  test('behavior: the same inputs give the same bytes, another seed others', async () => {
    const first = await sign('api', 100)
    const again = await sign('api', 100)
    expect(again.records.equals(first.records)).toBe(true)
    expect(again.header).toEqual(first.header)
  })

  test('behavior: both paths hold the same ballots', async () => {
    const relayed = await sign('api', 100)
    const direct = await sign('rpc', 100)
    const intents = ({ header, records }: typeof relayed) =>
      offsets(header).map((offset) => Spool.decodeIntent(records, offset))
    expect(intents(direct)).toEqual(intents(relayed))
  })

  test('behavior: a plan of no ballots', async () => {
    expect((await sign('api', 0)).header.count).toBe(0)
  })

  test('behavior: the bytes do not depend on the number of workers', async () => {
    const given = await townInputs(9000)
    const contents = []
    for (const workers of [1, 2, 3]) {
      await presign({ ...given, workers })
      contents.push(readFileSync(given.spoolFile))
    }
    expect(contents[1]?.equals(contents[0] ?? Buffer.alloc(0))).toBe(true)
    expect(contents[2]?.equals(contents[0] ?? Buffer.alloc(0))).toBe(true)
    expect(Spool.verify(given.spoolFile).count).toBe(9000)
    expect(readdirSync(folder).filter((name) => /part|journal/.test(name))).toEqual([])
  })

  test.each([1, 2])(
    'behavior: interrupted with %i worker(s), it goes on where it stopped',
    async (workers) => {
      const given = await townInputs(10_000)
      const interruption = new AbortController()
      const first: number[] = []
      const onProgress = (done: number): void => {
        first.push(done)
        if (done >= 4096) interruption.abort()
      }
      const { signal } = interruption
      await expect(presign({ ...given, workers, signal, onProgress })).rejects.toThrow(
        Workers.InterruptedError,
      )
      expect(existsSync(given.spoolFile)).toBe(false)

      const second: number[] = []
      const header = await presign({ ...given, workers, onProgress: (done) => second.push(done) })
      expect(second[0]).toBe(first.at(-1))
      expect(second.at(-1)).toBe(10_000)
      const resumed = readFileSync(given.spoolFile)
      rmSync(given.spoolFile)
      expect(await presign(given)).toEqual(header)
      expect(resumed.equals(readFileSync(given.spoolFile))).toBe(true)
    },
  )

  test.each([
    ['a changed byte', (part: Buffer) => part.fill(part.readUInt8(5000) + 1, 5000, 5001), {}, 8192],
    ['a part cut short', (part: Buffer) => part.subarray(0, 100_000), {}, 0],
    ['other inputs', (part: Buffer) => part, { codeHash: `0x${'12'.repeat(32)}` }, 0],
  ])(
    'behavior: of an interrupted spool only what is whole is kept: %s',
    async (_, spoil, change, kept) => {
      const given = await townInputs(12_500)
      const interruption = new AbortController()
      const onProgress = (done: number): void => {
        if (done >= 8192) interruption.abort()
      }
      const { signal } = interruption
      const options = { ...given, workers: 1, signal, onProgress }
      await expect(presign(options)).rejects.toThrow(Workers.InterruptedError)
      const partFile = `${given.spoolFile}.part`
      writeFileSync(partFile, spoil(readFileSync(partFile)))

      const done: number[] = []
      const again = { ...given, ...change }
      const header = await presign({ ...again, onProgress: (count) => done.push(count) })
      expect(done[0]).toBe(kept)
      expect(Spool.verify(given.spoolFile)).toEqual(header)
      const resumed = readFileSync(given.spoolFile)
      await presign(again)
      expect(resumed.equals(readFileSync(given.spoolFile))).toBe(true)
    },
  )

  test('error: more ballots than voters and polls', async () => {
    await expect(sign('api', 601)).rejects.toThrow(TooManyBallotsError)
  })
})

describe('binding', () => {
  test('default: another order of firing is another spool', async () => {
    const given = await inputs('api', 10)
    const order = {
      kind: 'uniform' as const,
      seed: 'other',
      voterCount: 300,
      polls: [{ pollId: 1, optionCount: 3 }],
    }
    expect(binding({ ...given, order }).orderDigest).not.toBe(binding(given).orderDigest)
  })
})

describe('createSigner', () => {
  test.each([1, 8995, 4_294_967_295])(
    'default: on chain %i the bytes are those of ethers',
    (chainId) => {
      const signer = OwnTransaction.createSigner({ chainId, ballotBox: DOMAIN.verifyingContract })
      for (const nonce of [0, 1, 127, 128, 65_536]) {
        const key = Electorate.privateKey('seed', nonce)
        const cast = { pollId: 1, pollDigest: Buffer.alloc(32, 9), voterIndex: 7, choice: 2, nonce }
        const raw = `0x${signer(cast, key).toString('hex')}`
        expect(Transaction.from(raw).serialized).toBe(raw)
        expect(Transaction.from(raw).chainId).toBe(BigInt(chainId))
        expect(raw.length / 2 - 1).toBeLessThanOrEqual(Spool.RECORD_SIZE_BYTES.rpc - 11)
      }
    },
  )
})
