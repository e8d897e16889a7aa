import { afterAll, describe, expect, test } from 'vitest'

import * as Anvil from '../metrics/anvil.ts'
import { hideEvents } from '../helpers/hideEvents.ts'
import * as RpcProxy from '../helpers/rpcProxy.ts'
import { storm } from './calls.ts'
import { expected, seen } from './verdictTable.ts'

const undo: (() => Promise<void>)[] = []

afterAll(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

describe('run --network external', { timeout: 240_000 }, () => {
  test('behavior: a node that hides events is named, and every ballot is found by the other one', async () => {
    const anvil = await Anvil.start()
    undo.push(() => anvil.stop())
    await anvil.request('evm_setIntervalMining', 1)
    const liar = await RpcProxy.start(anvil.url)
    undo.push(() => liar.close())
    liar.rewrite(hideEvents)
    const rpc = `${anvil.url},${liar.url}`
    const cli = storm('run', 'smoke', '--network', 'external', '--rpc', rpc, '--duration', '3s')
    const { exitCode, stderr } = await cli.end
    const run = cli.record()
    const row = expected('run', 'one of two nodes hides events')
    expect(seen(row, run, exitCode), stderr).toEqual(row)
    expect(new Set(run.findings.listed.map(({ kind }) => kind))).toEqual(new Set(['brokenBlock']))
    const { host } = new URL(liar.url)
    expect(run.findings.listed.map(({ evidence }) => evidence['node'])).toContain(host)
    expect(run.counts).toMatchObject({ final: run.counts.planned, lost: 0, pending: 0 })
  })
})
