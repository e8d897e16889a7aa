import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import * as CheckedBlock from '../../../metrics/blocks/CheckedBlock.ts'
import * as Validators from '../../../metrics/ethereum/consensus/Validators.ts'
import * as Rpc from '../../../metrics/rpc/Rpc.ts'
import { follow } from '../../../metrics/witness/follow.ts'
import type * as Facts from '../../fixtures/chains/Facts.ts'
import * as RecordedNode from '../../helpers/recordedNode.ts'
import * as Recording from '../../helpers/Recording.ts'
import * as Sealed from './Sealed.ts'
import * as Stepwise from './Stepwise.ts'

/** Voters' own transactions, the last four of which are read, in blocks that validators of the test have sealed. */
const unsealed = Recording.load<Facts.Cast>('direct')
const { contract, ballotBlocks } = unsealed.facts
const last = ballotBlocks.at(-1) ?? 0
const first = ballotBlocks.at(-4) ?? 0
const three = Sealed.SEALERS.slice(0, 3)
const four = Sealed.SEALERS.slice(0, 4)
const fourth = Sealed.sealer(3).address

const chains = {
  clique: Sealed.reseal(unsealed, first, () => Sealed.clique(three)),
  qbft: Sealed.reseal(unsealed, first, () => Sealed.qbft(four)),
}

let nodes: RecordedNode.RecordedNode[]
beforeAll(async () => {
  nodes = [await RecordedNode.start(unsealed), await RecordedNode.start(unsealed)]
})
afterEach(() => {
  for (const node of nodes) node.rewrite(undefined)
})
afterAll(async () => {
  for (const node of nodes) await node.close()
})

type Kind = keyof typeof chains
type Shown = { recording: Recording.Recording; height?: number }

/** A witness of nodes, each of which shows a chain. */
function watch(kind: Kind, members: readonly Sealed.Sealer[], ...shown: Shown[]) {
  for (const [at, { recording, height = last }] of shown.entries()) {
    nodes[at]?.show(recording, height)
  }
  return Stepwise.create({
    urls: nodes.slice(0, shown.length).map(({ url }) => url),
    target: { kind: 'ballot-box', address: contract },
    fromBlock: first,
    validators: { kind, members: addressesOf(members) },
  })
}

function addressesOf(members: readonly Sealed.Sealer[]): string[] {
  return members.map(({ address }) => address)
}

function numbersIn(witness: Stepwise.Stepwise): number[] {
  return witness.of('block').map(({ number }) => number)
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

/** The blocks of one chain up to a height, and of another after it. */
function sealedFrom(number: number, seal: Parameters<typeof Sealed.reseal>[2]) {
  return Sealed.reseal(chains.qbft, number, seal)
}

describe('readNext', () => {
  test.each([
    ['clique', three],
    ['qbft', four],
  ] as const)('default: blocks with the seals of %s count', async (kind, members) => {
    const witness = watch(kind, members, { recording: chains[kind] })
    await witness.readAll()
    expect(numbersIn(witness)).toEqual(range(first, last))
    expect(witness.of('block').flatMap(({ casts }) => casts)).toHaveLength(4)
    expect(witness.sources()).toMatchObject({ seals: kind, validators: addressesOf(members) })
  })

  test.each(['clique', 'qbft'] as const)(
    'behavior: a chain without the seals of %s counts nothing, and its node is named',
    async (kind) => {
      const witness = watch(kind, four, { recording: unsealed })
      await witness.readAll()
      expect(witness.of('block')).toEqual([])
      expect(witness.of('fault')).toMatchObject([{ number: first, rpcUrl: nodes[0]?.url }])
      expect(await witness.metric('blocks_refused_total')).toBe(1)
    },
  )

  test('behavior: of four validators three make a block', async () => {
    const recording = sealedFrom(first + 1, () => Sealed.qbft(four, three))
    const witness = watch('qbft', four, { recording })
    await witness.readAll()
    expect(numbersIn(witness)).toEqual(range(first, last))
    expect(witness.of('fault')).toEqual([])
  })

  test('behavior: of four validators two make none', async () => {
    const recording = sealedFrom(first + 1, () => Sealed.qbft(four, four.slice(0, 2)))
    const witness = watch('qbft', four, { recording })
    await witness.readAll()
    expect(numbersIn(witness)).toEqual([first])
    expect(witness.of('fault').flatMap(({ faults }) => faults)).toEqual([
      expect.stringMatching(/2 of 4 .* 3 are needed/),
    ])
  })

  test('behavior: seals of others than the validators are none', async () => {
    const strangers = Sealed.SEALERS.slice(1)
    const recording = sealedFrom(first, () => Sealed.qbft(strangers))
    const witness = watch('qbft', four, { recording })
    await witness.readAll()
    expect(witness.of('block')).toEqual([])
    expect(witness.of('fault')).toHaveLength(1)
  })

  test('behavior: the honest node is read in place of one whose blocks lack seals', async () => {
    const witness = watch('qbft', four, { recording: unsealed }, { recording: chains.qbft })
    await witness.readNext()
    await witness.readAll()
    expect(numbersIn(witness)).toEqual(range(first, last))
    expect(witness.sources().nodes.map(({ blockCount }) => blockCount)).toEqual([0, 4])
  })
})

/** Two of three validators want a fourth, in the first block and the one after it. */
function voting(number: number) {
  const vote = { recipient: fourth, isFor: true }
  const [one, other] = [Sealed.sealer(0), Sealed.sealer(1)]
  const third = Sealed.sealer(2)
  if (number === first) return Sealed.qbft(three, [one, other, third], vote)
  if (number === first + 1) return Sealed.qbft(three, [other, one, third], vote)
  return Sealed.qbft(four)
}

describe('the validators', () => {
  const voted = Sealed.reseal(unsealed, first, voting)

  test('behavior: one whom the others vote in seals from the next block on', async () => {
    const witness = watch('qbft', three, { recording: voted, height: first })
    expect(witness.sources().validators).toEqual(addressesOf(three))
    await witness.readAll()
    expect(witness.sources().validators).toEqual(addressesOf(three))
    nodes[0]?.show(voted, last)
    await witness.readAll()
    expect(numbersIn(witness)).toEqual(range(first, last))
    expect(witness.sources().validators).toEqual(addressesOf(four))
  })

  test('behavior: a vote in a block that was replaced lets nobody in', async () => {
    const witness = watch('qbft', three, { recording: voted })
    await witness.readAll()
    const without = Sealed.reseal(voted, first + 1, () => Sealed.qbft(three))
    nodes[0]?.show(without, last)
    witness.clock.nowMs += 1000
    await witness.readAll()
    expect(witness.of('reorganisation')).toMatchObject([{ number: first }])
    await witness.readAll()
    expect(witness.of('fault')).toEqual([])
    expect(witness.of('block').at(-1)?.hash).toBe(without.blocks[last]?.hash)
    expect(witness.sources().validators).toEqual(addressesOf(three))
  })

  test('behavior: what is to replace ours needs the seals of those who may seal there', async () => {
    const witness = watch('qbft', three, { recording: voted })
    await witness.readAll()
    // They may seal one block later: the votes are not all cast.
    nodes[0]?.show(
      Sealed.reseal(voted, first + 1, () => Sealed.qbft(four)),
      last,
    )
    witness.clock.nowMs += 1000
    await witness.readNext()
    expect(witness.of('reorganisation')).toEqual([])
    expect(witness.of('fault')).toMatchObject([{ number: first + 1 }])
  })

  test('behavior: what is to replace the first block needs the seals of the first validators', async () => {
    const witness = watch('qbft', three, { recording: voted })
    await witness.readAll()
    nodes[0]?.show(
      Sealed.reseal(voted, first, () => Sealed.qbft(four)),
      last,
    )
    witness.clock.nowMs += 1000
    await witness.readNext()
    expect(witness.of('fault')).toMatchObject([{ number: first }])
    expect(witness.of('reorganisation')).toEqual([])
  })
})

describe('compare', () => {
  test('behavior: of two chains the one without seals is named', async () => {
    const witness = watch('qbft', four, { recording: chains.qbft }, { recording: unsealed })
    await witness.readAll()
    await witness.compareAll()
    await witness.readNext()
    expect(witness.of('disagreement')).toEqual([])
    expect(witness.of('fault')).toMatchObject([{ number: last, rpcUrl: nodes[1]?.url }])
  })

  test('behavior: of two chains with all their seals neither can be named', async () => {
    const other = sealedFrom(last, () => Sealed.qbft(four, four.toReversed()))
    const witness = watch('qbft', four, { recording: chains.qbft }, { recording: other })
    await witness.readAll()
    await witness.compareAll()
    await witness.readNext()
    expect(witness.of('fault')).toEqual([])
    expect(witness.of('disagreement')).toMatchObject([{ number: last }])
  })
})

/** The first block of a chain, as the first node shows it. */
async function checked(recording: Recording.Recording): Promise<CheckedBlock.CheckedBlock> {
  nodes[0]?.show(recording)
  const [block] = await CheckedBlock.read(Rpc.connect(nodes[0]?.url ?? ''), [first], [])
  if (typeof block !== 'object') throw new Error('no block')
  return block
}

describe('follow', () => {
  test('behavior: a vote changes who may seal next, and leaves what is known as it was', async () => {
    const [one] = three
    const alone = one === undefined ? [] : [one]
    const vote = { recipient: fourth, isFor: true }
    const recording = Sealed.reseal(unsealed, first, () => Sealed.qbft(alone, alone, vote))
    const before = Validators.from({ kind: 'qbft', members: addressesOf(alone) })
    const { faults, next } = follow(await checked(recording), before)
    expect(faults).toEqual([])
    expect(next.members).toEqual(addressesOf(alone).concat(fourth).toSorted())
    expect(before).toEqual(Validators.from({ kind: 'qbft', members: addressesOf(alone) }))
  })

  test('behavior: of a block that was altered only that is said, and its votes are none', async () => {
    const before = Validators.from({ kind: 'qbft', members: addressesOf(three) })
    const altered = { ...(await checked(unsealed)), faults: ['altered'] }
    expect(follow(altered, before)).toEqual({ faults: ['altered'], next: before })
  })

  test('behavior: a chain without seals needs none', async () => {
    const before = Validators.from(undefined)
    expect(follow(await checked(unsealed), before)).toEqual({ faults: [], next: before })
  })
})
