import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Anvil from '../../../chain/networks/anvil.ts'
import * as CliqueGenesis from '../../../chain/networks/CliqueGenesis.ts'
import * as External from '../../../chain/networks/external.ts'
import type { Network } from '../../../chain/networks/Network.ts'
import * as QbftGenesis from '../../../chain/networks/QbftGenesis.ts'
import { freePort } from '../../../chain/processes/freePort.ts'
import * as Supervisor from '../../../chain/processes/Supervisor.ts'

let folder: string
let supervisor: Supervisor.Supervisor
let own: Network
let other: Network
const finality = { kind: 'instant' } as const

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ballotstorm-external-'))
  supervisor = Supervisor.create({ logFolder: folder })
  own = await Anvil.start({ supervisor, gasLimit: 30_000_000 })
  other = await Anvil.start({ supervisor, number: 2, chainId: 8996 })
})

afterAll(async () => {
  await supervisor.stopAll()
  rmSync(folder, { recursive: true, force: true })
})

/** A node that answers from a table, in place of one that cannot be had here. */
async function fakeNode(
  answers: Readonly<Record<string, unknown>>,
): Promise<{ url: string; server: Server; methods: string[] }> {
  const port = await freePort()
  const methods: string[] = []
  const server = createServer((request, response) => {
    void request
      .setEncoding('utf8')
      .toArray()
      .then((chunks: string[]) => {
        const { method }: { method: string } = JSON.parse(chunks.join(''))
        methods.push(method)
        return response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: answers[method] }))
      })
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${port}`, server, methods }
}

describe('validatorsOf', () => {
  const validators = ['11', '22', '33', '44'].map((byte) => `0x${byte.repeat(20)}`)

  test('default: those that a genesis block was made with', () => {
    const given = { chainId: 1, blockPeriodS: 1, gasLimit: 1, validators }
    expect(QbftGenesis.validatorsOf(String(QbftGenesis.create(given)['extraData']))).toEqual(
      validators,
    )
    const clique = String(CliqueGenesis.create(given)['extraData'])
    expect(CliqueGenesis.validatorsOf(clique)).toEqual(validators)
  })

  test.each(['0x', '0x00', `0x${'00'.repeat(97)}`, `0x${'00'.repeat(50)}`, 'nothing'])(
    'behavior: %s names nobody',
    (extra) => {
      expect(QbftGenesis.validatorsOf(extra)).toBeUndefined()
      expect(CliqueGenesis.validatorsOf(extra)).toBeUndefined()
    },
  )

  test('behavior: a chain of QBFT whose nodes do not serve the method is asked itself', async () => {
    const given = { chainId: 4242, blockPeriodS: 1, gasLimit: 1, validators }
    const { extraData, mixHash } = QbftGenesis.create(given)
    const block = { hash: `0x${'ab'.repeat(32)}`, miner: '0x', number: '0x1', timestamp: '0x1' }
    const { url, server } = await fakeNode({
      eth_chainId: '0x1092',
      eth_getBlockByNumber: { ...block, gasLimit: '0x1', extraData, mixHash },
      web3_clientVersion: 'besu/v26',
      eth_gasPrice: '0x0',
    })
    const { network } = await External.connect({ rpcUrls: [url] })
    expect(network.validators).toEqual(validators)
    server.close()
  })
})

describe('connect', () => {
  test('default', async () => {
    const { network, gasPriceWei } = await External.connect({ rpcUrls: [own.observerUrl] })
    expect(network).toMatchObject({
      kind: 'external',
      rpcUrls: [own.observerUrl],
      observerUrl: own.observerUrl,
      chainId: 8995,
      genesisHash: own.genesisHash,
      clientVersion: own.clientVersion,
      finality,
      isPriced: false,
      gasLimit: 30_000_000,
    })
    expect(gasPriceWei).toBe(0n)
  })

  test('behavior: a name is replaced by the address that it had when it was checked', async () => {
    const url = own.observerUrl.replace('127.0.0.1', 'localhost')
    const { network } = await External.connect({ rpcUrls: [url] })
    expect(network.observerUrl).toBe(own.observerUrl)
  })

  test('behavior: a chain with a gas price is told', async () => {
    const block = {
      number: '0x0',
      hash: `0x${'ab'.repeat(32)}`,
      timestamp: '0x0',
      gasLimit: '0x1c9c380',
      miner: `0x${'00'.repeat(20)}`,
      baseFeePerGas: '0x3b9aca00',
    }
    const node = await fakeNode({
      eth_chainId: '0x2323',
      eth_getBlockByNumber: block,
      web3_clientVersion: 'test',
      eth_gasPrice: '0x1',
    })
    const { network, gasPriceWei } = await External.connect({ rpcUrls: [node.url], finality })
    node.server.close()
    expect(network.isPriced).toBe(true)
    expect(gasPriceWei).toBe(2_000_000_000n)
  })

  test.each([
    'http://10.0.0.7:8545',
    'http://0.0.0.0:8545',
    'http://[::ffff:10.0.0.7]:8545',
    'http://167772167:8545',
    'http://0x7f.1.evil.invalid:8545',
    'https://example.com',
    'ftp://127.0.0.1',
    'http://user:secret@127.0.0.1:8545',
    'nonsense',
  ])('error: %s is refused before anything is sent', async (url) => {
    const attempt = External.connect({ rpcUrls: [url] })
    await expect(attempt).rejects.toMatchObject({ code: 'TARGET_NOT_ALLOWED' })
    await expect(attempt).rejects.not.toThrow(/secret/)
  })

  test.each([1, 10, 56, 137, 8453, 42_161, 17_000, 560_048, 11_155_111])(
    'error: the public chain %i is refused always, and asked for no more than its id',
    async (chainId) => {
      const node = await fakeNode({ eth_chainId: `0x${chainId.toString(16)}` })
      await expect(External.connect({ rpcUrls: [node.url] })).rejects.toMatchObject({
        code: 'TARGET_PUBLIC_CHAIN',
      })
      node.server.close()
      expect(node.methods).toEqual(['eth_chainId'])
    },
  )

  test('error: a redirect is not followed', async () => {
    const port = await freePort()
    const server = createServer((_, response) => {
      response.writeHead(307, { location: own.observerUrl }).end()
    }).listen(port, '127.0.0.1')
    await once(server, 'listening')
    await expect(External.connect({ rpcUrls: [`http://127.0.0.1:${port}`] })).rejects.toMatchObject(
      { code: 'TARGET_UNANSWERED', exitCode: 104 },
    )
    server.close()
  })

  test('error: nobody answers from the start: nothing was fired', async () => {
    const attempt = External.connect({ rpcUrls: [`http://127.0.0.1:${await freePort()}`] })
    await expect(attempt).rejects.toMatchObject({ code: 'TARGET_UNANSWERED', exitCode: 104 })
  })

  test('error: nodes of two chains', async () => {
    const rpcUrls = [own.observerUrl, other.observerUrl]
    await expect(External.connect({ rpcUrls })).rejects.toMatchObject({ code: 'TARGET_MISMATCH' })
  })

  test('error: nothing tells when a block is final', async () => {
    const node = await fakeNode({
      eth_chainId: '0x2323',
      eth_getBlockByNumber: {
        number: '0x0',
        hash: `0x${'ab'.repeat(32)}`,
        timestamp: '0x0',
        gasLimit: '0x1c9c380',
        miner: `0x${'00'.repeat(20)}`,
      },
      web3_clientVersion: 'Geth/v1.13.15',
      eth_gasPrice: '0x0',
    })
    const attempt = External.connect({ rpcUrls: [node.url] })
    await expect(attempt).rejects.toMatchObject({ code: 'FINALITY_UNKNOWN' })
    node.server.close()
  })

  test('error: the file of allowed targets, with all its problems', async () => {
    const file = join(folder, 'bad.json')
    writeFileSync(file, JSON.stringify([{ host: 'a', port: 0, chainId: 1 }]))
    const attempt = External.connect({ rpcUrls: [own.observerUrl], allowTargetsFile: file })
    await expect(attempt).rejects.toMatchObject({ code: 'TARGET_ALLOW_FILE' })
    await expect(attempt).rejects.toThrow(/port.*chainId|chainId.*port/s)
  })
})
