import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Network } from '../../../chain/networks/Network.ts'
import * as Qbft from '../../../chain/networks/qbft.ts'
import * as Supervisor from '../../../chain/processes/Supervisor.ts'
import type { Validators } from '../../../metrics/ethereum/consensus/Validators.ts'
import type * as RpcProxy from '../../helpers/rpcProxy.ts'
import * as Lies from '../../helpers/rpcProxyLies.ts'
import { tool } from '../../helpers/tool.ts'
import { hold } from '../audit/hold.ts'
import * as Nodes from './Nodes.ts'
import * as Watch from './Watch.ts'

const TIMEOUT_MS = 180_000

/** Who votes in the first poll and is told otherwise by the forger. */
const VICTIM = 6

/** Real seals of four validators, and in front of two nodes what may lie. */
let folder: string
let supervisor: Supervisor.Supervisor
let network: Network
let ballotBox: string
let first: RpcProxy.RpcProxy
let second: RpcProxy.RpcProxy

beforeAll(async () => {
  const binary = await tool('goquorum')
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-seals-'))
  supervisor = Supervisor.create({ logFolder: join(folder, 'logs'), onUnexpectedExit: () => {} })
  const dataFolder = join(folder, 'data')
  network = await Qbft.start({ supervisor, binary, dataFolder, seed: 'seals' })
  ballotBox = await hold(network, folder)
}, TIMEOUT_MS)

afterAll(async () => {
  await supervisor.stopAll()
  rmSync(folder, { recursive: true, force: true })
})

beforeEach(async () => {
  const nodes = await Nodes.open(folder, [network.observerUrl, network.rpcUrls[0] ?? ''])
  ;({ first, second } = nodes)
  return () => nodes.close()
})

async function watched(
  nodes: readonly RpcProxy.RpcProxy[],
  validators: Pick<Validators, 'kind' | 'members'> = { kind: 'qbft', members: members() },
): Promise<Watch.Watch> {
  const urls = nodes.map(({ url }) => url)
  const site = { folder, ballotBox, fromBlock: 1 }
  const watch = Watch.create(site, { kind: 'instant' }, urls, validators)
  await watch.catchUp()
  return watch
}

function members(): string[] {
  return (network.validators ?? []).map((address) => address.toLowerCase())
}

/** What the first node shows where whoever runs it makes up a chain in which a ballot is another. */
function forgery(): RpcProxy.Rewrite {
  const told = { pollId: 1, voterIndex: VICTIM, choice: 1 }
  return Lies.forge(network.observerUrl, { lies: new Map([[VICTIM, [told]]]), fromBlock: 1 })
}

function choiceOfVictim(watch: Watch.Watch): number[] {
  return watch
    .observed()
    .flatMap((line) =>
      line.kind === 'block'
        ? line.casts.flatMap(([poll, voter, choice]) =>
            poll === 1 && voter === VICTIM ? [choice] : [],
          )
        : [],
    )
}

describe('readNext', () => {
  test('default: sealed blocks of an honest node count', async () => {
    const watch = await watched([first, second])
    expect(choiceOfVictim(watch)).toEqual([VICTIM % 2])
    expect(watch.observed().filter(({ kind }) => kind === 'fault')).toEqual([])
    expect(watch.sources()).toMatchObject({ seals: 'qbft', validators: members().toSorted() })
  })

  test('behavior: a chain that a node made up lacks the seals, and the honest one is read', async () => {
    first.rewrite(forgery())
    const watch = await watched([first, second])
    expect(choiceOfVictim(watch)).toEqual([VICTIM % 2])
    const [fault] = watch.observed().filter(({ kind }) => kind === 'fault')
    expect(fault).toMatchObject({
      rpcUrl: first.url,
      faults: [expect.stringContaining('the seals of 0 of 4 validators, 3 are needed')],
    })
  })

  test('behavior: nor does a made-up chain count where nobody shows another', async () => {
    first.rewrite(forgery())
    expect(choiceOfVictim(await watched([first]))).toEqual([])
  })

  test('behavior: seals of others than the validators are none', async () => {
    const strangers = members().map(
      (address) => `0x${address.slice(2).split('').toReversed().join('')}`,
    )
    const watch = await watched([first], { kind: 'qbft', members: strangers })
    expect(choiceOfVictim(watch)).toEqual([])
  })
})

describe('compare', () => {
  test('behavior: of two chains the one without seals is named', async () => {
    second.rewrite(forgery())
    const watch = await watched([first, second])
    expect(choiceOfVictim(watch)).toEqual([VICTIM % 2])
    const told = watch.observed().filter(({ kind }) => kind === 'fault' || kind === 'disagreement')
    expect(told).toMatchObject([{ kind: 'fault', rpcUrl: second.url }])
  })
})
