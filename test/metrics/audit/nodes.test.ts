import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { audit, type Audit, type Options } from '../../../metrics/audit/audit.ts'
import * as Trie from '../../../metrics/ethereum/Trie.ts'
import * as Ballot from '../../../scenarios/ballots/Ballot.ts'
import * as Receipt from '../../../scenarios/ballots/Receipt.ts'
import * as Address from '../../../scenarios/ballots/Address.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'
import { lie } from '../../helpers/rpcProxyLies.ts'
import * as RecordedCity from '../RecordedCity.ts'

/** An honest chain with twelve ballots of a sealed poll, and a node in front of it that lies. */
let city: RecordedCity.RecordedCity
let liar: RecordedNode.RecordedNode
let honestUrl: string
let batchBlock: number
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-audit-'))
  city = await RecordedCity.open('ballot-box')
  honestUrl = city.node.url
  batchBlock = city.facts.ballotBlocks[0] ?? 0
  liar = await RecordedNode.start(city.recording)
})

afterEach(() => {
  liar.rewrite(undefined)
  liar.intercept(undefined)
  liar.show(city.recording)
})

afterAll(async () => {
  await liar.close()
  await city.dispose()
  rmSync(folder, { recursive: true })
})

function look(rpcUrls: string[], options: Partial<Options> = {}): Promise<Audit> {
  return audit({ rpcUrls, contract: city.ballotBox, ...options })
}

function kinds({ findings }: Audit): string[] {
  return findings.listed.map(({ kind }) => kind)
}

const Named = Type.Object({ number: Type.Optional(Type.String()) })

/** Alters the answers to one method. */
function alter(method: string, change: (result: unknown) => unknown): void {
  liar.rewrite((call, result) => (call.method === method ? change(result) : result))
}

/** Alters one field of a block, wherever it is asked for. */
function alterBlock(number: number, change: Record<string, unknown>): void {
  alter('eth_getBlockByNumber', (result) => {
    const isIt = Value.Check(Named, result) && Number(result.number) === number
    return isIt ? { ...result, ...change } : result
  })
}

describe('audit', () => {
  test('default', async () => {
    const honest = await look([honestUrl])
    expect(honest.findings).toEqual({ count: 0, listed: [] })
    const [poll] = honest.polls
    expect(poll?.recount.reduce((sum, count) => sum + count, 0)).toBe(12)
    expect(poll).toMatchObject({ isSealed: true, tally: poll?.recount, skippedCount: 0 })
    expect(honest.checks).toMatchObject({ signatures: 12, transactions: 2 })
    expect(honest.checks.samples).toBeGreaterThan(0)
    expect(honest).toMatchObject({ design: 'ballot-box', consensus: 'none', chainId: 8995 })
    expect(honest.notChecked.join()).toContain('Seals')
  })

  test("behavior: another choice in a batch does not fit the block's transaction root", async () => {
    liar.rewrite(lie(new Map([[city.intent(0).voterIndex, [{ ...city.intent(0), choice: 1 }]]])))
    const deceived = await look([liar.url])
    expect(kinds(deceived)).toEqual(['brokenBlock'])
    expect(deceived.findings.listed[0]?.evidence).toMatchObject({ block: batchBlock })
    expect(deceived.findings.listed[0]?.message).toContain('altered: 0x')
    expect(deceived.blocks.brokenCount).toBe(1)
    expect(deceived.notChecked.join()).toContain('no node shows')
  })

  test('behavior: one lying node is named, and the honest one tells the result', async () => {
    liar.rewrite(lie(new Map([[city.intent(0).voterIndex, []]])))
    const [honest, both] = await Promise.all([look([honestUrl]), look([liar.url, honestUrl])])
    expect(both.polls).toEqual(honest.polls)
    expect(both.blocks.brokenCount).toBe(0)
    expect(both.findings.listed).toMatchObject([
      { kind: 'brokenBlock', evidence: { node: new URL(liar.url).host, block: batchBlock } },
    ])
  })

  test('behavior: hidden events do not fit the receipts root', async () => {
    alter('eth_getTransactionReceipt', (result) =>
      typeof result === 'object' ? { ...result, logs: [] } : result,
    )
    const deceived = await look([liar.url])
    expect(new Set(kinds(deceived))).toEqual(new Set(['brokenBlock']))
    expect(deceived.findings.listed[0]?.message).toContain('events were hidden')
  })

  test('behavior: a later timestamp does not fit the header', async () => {
    alterBlock(batchBlock, { timestamp: '0x7fffffff' })
    const deceived = await look([liar.url])
    expect(deceived.findings.listed[0]).toMatchObject({
      kind: 'brokenBlock',
      evidence: { block: batchBlock },
    })
  })

  test('behavior: a block without its transactions, even with an empty root, is found', async () => {
    alterBlock(batchBlock, { transactions: [], transactionsRoot: Trie.EMPTY_ROOT })
    expect(kinds(await look([liar.url]))).toContain('brokenBlock')
  })

  test('behavior: a withheld block is found', async () => {
    alter('eth_getBlockByNumber', (result) =>
      Value.Check(Named, result) && Number(result.number) === batchBlock ? null : result,
    )
    const deceived = await look([liar.url])
    expect(kinds(deceived)).toEqual(['brokenBlock'])
    expect(deceived.findings.listed[0]?.message).toContain('does not have it')
  })

  test('behavior: a swapped tally is found, and by whom', async () => {
    const honest = await look([honestUrl])
    alter('eth_call', (result) => {
      const text = String(result)
      // Three votes: length and offset come first.
      return text.length === 2 + 5 * 64 ? `${text.slice(0, 2 + 2 * 64)}${'0'.repeat(192)}` : text
    })
    const deceived = await look([honestUrl, liar.url])
    expect(deceived.polls).toEqual(honest.polls)
    expect(deceived.findings.listed).toMatchObject([
      {
        kind: 'tallyMismatch',
        pollId: 1,
        evidence: { node: new URL(liar.url).host, tally: '0,0,0' },
      },
    ])
  })

  test("behavior: another register does not fit the poll's digest; the honest node's is taken", async () => {
    alter('eth_getCode', (result) => {
      const code = String(result)
      // The chunk of 60 voters: the first one's address becomes the second one's.
      return code.length === 2 + 2 * (1 + 60 * 20)
        ? `${code.slice(0, 4)}${code.slice(44, 84)}${code.slice(44)}`
        : code
    })
    expect(kinds(await look([liar.url]))).toContain('registerMismatch')
    const both = await look([liar.url, honestUrl])
    expect(kinds(both)).toEqual(['registerMismatch'])
    expect(both.findings.listed[0]?.message).toContain(new URL(liar.url).host)
  })

  test('behavior: another chain id makes every signature worthless', async () => {
    alter('eth_chainId', () => '0x7')
    expect(kinds(await look([liar.url]))).toContain('badSignature')
  })

  test('behavior: a node with another history is found at the block where it begins', async () => {
    const height = city.recording.blocks.length - 1
    const other = await RecordedNode.start(Recording.load('direct'), height)
    const both = await look([honestUrl, other.url])
    await other.close()
    const [finding] = both.findings.listed.filter(({ kind }) => kind === 'nodesDisagree')
    expect(finding?.evidence).toMatchObject({
      otherNode: new URL(other.url).host,
      // Their genesis blocks bear another time already.
      block: 0,
    })
  })

  test('behavior: another genesis than the published one is found', async () => {
    const { genesisHash } = await look([honestUrl])
    expect(kinds(await look([honestUrl], { genesisHash }))).toEqual([])
    const other = await look([honestUrl], { genesisHash: `0x${'00'.repeat(32)}` })
    expect(kinds(other)).toEqual(['brokenBlock'])
  })

  test('behavior: the register file is held against the chain', async () => {
    const good = await look([honestUrl], { registerFile: city.registerFile })
    expect(good.findings.count).toBe(0)
    const registerFile = join(folder, 'register.bin')
    writeFileSync(registerFile, Buffer.alloc(20 * 60, 7))
    expect(kinds(await look([honestUrl], { registerFile }))).toContain('registerMismatch')
  })

  test('behavior: receipts: kept, broken, of another signer, of another time, unreadable', async () => {
    const receiptsFolder = join(folder, 'receipts')
    const signer = Address.toHex(Address.fromPrivateKey(city.receiptKey))
    mkdirSync(receiptsFolder)
    const write = (name: string, text: string): void =>
      writeFileSync(join(receiptsFolder, name), text)
    write('kept.json', city.answer(0).body)
    write('broken.json', city.answer(20).body)
    write('forged.json', city.answer(1, Buffer.alloc(32, 9)).body)
    write('torn.json', city.answer(1).body.slice(0, 40))
    const sealsAt = city.poll.sealsAt + 5
    write(
      'other-time.json',
      city.answer(2).body.replaceAll(String(city.poll.sealsAt), `${sealsAt}`),
    )
    const options = { receiptsFolder, receiptSigner: signer }
    const result = await look([honestUrl], options)
    expect(result.receipts).toMatchObject({ count: 4, kept: 1, broken: 1, invalid: 2, open: 0 })
    expect(result.receipts?.problems).toHaveLength(1)
    const found = result.findings.listed.map(({ kind, evidence }) => [
      kind,
      String(evidence['file']).split('/').at(-1),
    ])
    expect(found).toEqual([
      ['lost', 'broken.json'],
      ['invalidReceipt', 'forged.json'],
      ['invalidReceipt', 'other-time.json'],
    ])
  })

  test('behavior: of a voter who signed twice the other choice counts, and nobody is accused', async () => {
    const receiptsFolder = join(folder, 'twice')
    mkdirSync(receiptsFolder)
    const { voterIndex, choice, pollId } = city.intent(0)
    const domain = { chainId: city.facts.chainId, verifyingContract: city.ballotBox }
    const pollDigest = Buffer.from(city.poll.pollDigest.slice(2), 'hex')
    const other = (choice + 1) % 3
    const digest = Ballot.digest(Ballot.domainSeparator(domain), {
      pollId,
      pollDigest,
      choice: other,
    })
    const { voter, signature } = city.request(0)
    const hash = Ballot.hash(digest, Buffer.from(voter.slice(2), 'hex'))
    const fields = {
      ballotHash: `0x${hash.toString('hex')}`,
      pollId,
      acceptedAtMs: 1,
      sealsAt: city.poll.sealsAt,
    }
    const receipt = Receipt.sign(fields, city.receiptKey)
    writeFileSync(join(receiptsFolder, 'twice.json'), JSON.stringify({ receipt }))
    const receiptSigner = Address.toHex(Address.fromPrivateKey(city.receiptKey))
    const result = await look([honestUrl], { receiptsFolder, receiptSigner })
    expect(result.findings.count).toBe(0)
    expect(result.receipts).toMatchObject({ count: 1, signedTwice: 1, broken: 0, kept: 0 })
    expect(result.signedTwice).toMatchObject([
      { voterIndex, promisedChoice: other, countedChoice: choice, countedBy: signature },
    ])
  })

  test('behavior: without a known signer no receipt proves a loss, and one that nobody signed is none', async () => {
    const receiptsFolder = join(folder, 'unsigned')
    mkdirSync(receiptsFolder)
    const { body } = city.answer(20)
    writeFileSync(join(receiptsFolder, 'broken.json'), body)
    const unsigned = body.replace(/"signature":"0x[0-9a-f]+"/, `"signature":"0x${'00'.repeat(65)}"`)
    writeFileSync(join(receiptsFolder, 'unsigned.json'), unsigned)
    const result = await look([honestUrl], { receiptsFolder })
    expect(result.receipts).toMatchObject({ count: 2, broken: 0, unknown: 1, invalid: 1 })
    expect(kinds(result)).toEqual(['invalidReceipt'])
    expect(result.notChecked.join()).toContain('give the service')
  })

  test('behavior: a first node that withholds the last blocks does not keep a poll from being sealed', async () => {
    liar.show(city.recording, batchBlock)
    const result = await look([liar.url, honestUrl])
    expect(result.polls[0]?.isSealed).toBe(true)
  })

  test('behavior: a node that is still syncing is not accused of another chain', async () => {
    const height = city.recording.blocks.length - 1
    // It has the tip and the genesis block, and not yet what lies between.
    liar.rewrite(({ method, params }, result) => {
      const isBetween = params[0] !== 'latest' && Number(params[0]) > 0
      return method === 'eth_getBlockByNumber' && isBetween ? null : result
    })
    const result = await look([honestUrl, liar.url])
    expect(kinds(result)).toEqual([])
    expect(result.nodes).toMatchObject([{ height, agreesTo: undefined }])
    expect(result.notChecked.join()).toContain('too few blocks to be compared')
  })

  test('error: an address without code', async () => {
    const contract = `0x${'12'.repeat(20)}`
    liar.intercept(({ method }) => (method === 'eth_getCode' ? '0x' : undefined))
    await expect(audit({ rpcUrls: [liar.url], contract })).rejects.toMatchObject({
      code: 'AUDIT_NO_CONTRACT',
    })
  })
})

describe('audit with a file to go on with', () => {
  test('behavior: interrupted and begun again, it finds the same', async () => {
    const whole = await look([honestUrl])
    const resumeFile = join(folder, 'resume.jsonl')
    const stop = new AbortController()
    stop.abort()
    await expect(look([honestUrl], { resumeFile, signal: stop.signal })).rejects.toMatchObject({
      code: 'AUDIT_INTERRUPTED',
    })
    const partly = await look([honestUrl], { resumeFile })
    liar.calls.clear()
    const again = await look([liar.url], { resumeFile })
    expect([partly, again]).toEqual([whole, whole])
    // The genesis block and the last ones' headers, but none of the chain between.
    expect(liar.calls.get('eth_getTransactionReceipt')).toBeUndefined()
  })

  test('behavior: a torn last line is not believed', async () => {
    const resumeFile = join(folder, 'torn.jsonl')
    const whole = await look([honestUrl], { resumeFile })
    const text = readFileSync(resumeFile, 'utf8')
    writeFileSync(resumeFile, text.slice(0, -20))
    expect(await look([honestUrl], { resumeFile })).toEqual(whole)
    appendFileSync(resumeFile, '{"chain":')
    expect(await look([honestUrl], { resumeFile })).toEqual(whole)
  })

  test('behavior: a block that was verified and is another one now', async () => {
    const resumeFile = join(folder, 'changed.jsonl')
    await look([honestUrl], { resumeFile })
    const last = city.recording.blocks.length - 1
    alterBlock(last, { timestamp: '0x7fffffff' })
    expect(kinds(await look([liar.url], { resumeFile }))).toContain('finalityBroken')
  })

  test('error: a file of another audit', async () => {
    const resumeFile = join(folder, 'other.jsonl')
    await look([honestUrl], { resumeFile })
    const { registerFile } = city
    await expect(look([honestUrl], { resumeFile, registerFile })).rejects.toMatchObject({
      code: 'AUDIT_RESUME',
    })
  })
})
