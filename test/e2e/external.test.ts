import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import * as Anvil from '../../chain/networks/anvil.ts'
import { freePort } from '../../chain/processes/freePort.ts'
import * as Readiness from '../../chain/processes/Readiness.ts'
import * as Supervisor from '../../chain/processes/Supervisor.ts'
import * as Reader from '../../chain/contracts/Reader.ts'
import * as Sender from '../../chain/contracts/Sender.ts'
import { findQuestions } from '../../chain/contracts/deployActiveCitizen2017.ts'
import * as ActiveCitizen2017 from '../../scenarios/ballots/ActiveCitizen2017.ts'
import * as ExitCode from '../../scripts/ExitCode.ts'
import * as Foreign from '../fixtures/foreign-2017/Foreign.ts'
import * as Cli from '../helpers/Cli.ts'
import { call } from '../helpers/rpcCall.ts'
import { expectPass } from '../helpers/taken.ts'

const undo: (() => Promise<void> | void)[] = []

afterAll(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

/** A chain that somebody else runs; anvil's first account is funded there, by a key known to all. */
async function foreignChain(gasPriceWei: number): Promise<string> {
  const logFolder = temporaryFolder()
  const supervisor = Supervisor.create({ logFolder })
  undo.push(() => supervisor.stopAll())
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  await supervisor.start({
    name: 'foreign',
    command: Anvil.binary(),
    env: Anvil.HOMELESS,
    args: Object.entries({
      port,
      'chain-id': 4242,
      'block-time': 1,
      hardfork: 'berlin',
      'gas-price': gasPriceWei,
      'gas-limit': 60_000_000,
      'prune-history': 256,
    }).flatMap(([flag, value]) => [`--${flag}`, `${value}`]),
    ready: (context) =>
      Readiness.until(context, async () => {
        const response = await fetch(url, { method: 'POST', body: '{}' })
        return response.status < 500 ? true : undefined
      }),
    readyTimeoutMs: 30_000,
  })
  return url
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-foreign-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const FUNDED_KEY = 'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'

function storm(...words: string[]): Cli.Cli {
  const cli = Cli.start(['run', 'smoke', '--network', 'external', '--duration', '2s', ...words])
  undo.push(() => cli.dispose())
  return cli
}

describe.concurrent('run --network external', { timeout: 240_000 }, () => {
  test('default: a foreign chain without a gas price is deployed to and stormed, twice', async () => {
    const rpc = await foreignChain(0)
    for (const design of ['relayed', 'direct']) {
      const cli = storm('--rpc', rpc, '--design', design, '--finality', 'depth:2')
      const end = await cli.end
      const run = cli.record()
      expectPass(run, end)
      expect(run.network?.kind).toBe('external')
      expect(run.network?.finality).toEqual({ kind: 'depth', depth: 2 })
      expect(run.counts.final).toBe(run.counts.planned)
    }
  })

  test('error: direct on a priced chain is refused with that sentence', async () => {
    const cli = storm('--rpc', await foreignChain(1_000_000_000), '--design', 'direct')
    const { exitCode, stderr } = await cli.end
    expect(exitCode).toBe(ExitCode.BAD_CONFIGURATION)
    expect(stderr).toContain('This chain has a gas price')
  })

  test('behavior: a priced chain is paid for by the funded account', async () => {
    const keyFile = join(temporaryFolder(), 'key')
    writeFileSync(keyFile, FUNDED_KEY)
    const rpc = await foreignChain(1_000_000_000)
    const cli = storm('--rpc', rpc, '--finality', 'instant', '--deployer-key-file', keyFile)
    const end = await cli.end
    expect(end.stderr).not.toContain('gas price')
    expectPass(cli.record(), end)
  })

  test('error: a priced chain without a funded account names the flag', async () => {
    const { exitCode, stderr } = await storm('--rpc', await foreignChain(1_000_000_000)).end
    expect(exitCode).toBe(ExitCode.BAD_CONFIGURATION)
    expect(stderr).toContain('--deployer-key-file')
  })

  test('error: a target beyond loopback needs an entry in a file', async () => {
    const { exitCode, stderr } = await storm('--rpc', 'http://192.0.2.1:8545').end
    expect(exitCode).toBe(ExitCode.BAD_CONFIGURATION)
    expect(stderr).toContain('--allow-targets')
  })
})

describe.concurrent('run --root', { timeout: 240_000 }, () => {
  const VERSION = 5
  let rpc: string
  let root: string
  let question: string
  let keyFile: string

  beforeAll(async () => {
    rpc = await foreignChain(0)
    keyFile = join(temporaryFolder(), 'owner.key')
    writeFileSync(keyFile, FUNDED_KEY)
    const owner = { rpcUrl: rpc, key: Buffer.from(FUNDED_KEY, 'hex'), gasPriceWei: 0n }
    const answers = { answers: 'Red|Green|Blue', answerIds: [11, 22, 33] }
    const questions = [{ id: 1, version: VERSION, ...answers }]
    root = await Foreign.deploy(owner, [{ id: 700, questions }])
    const [found] = (await findQuestions({ rpcUrl: rpc, root })).questions
    question = found?.address ?? ''
    // Somebody voted before us, under keys of another form.
    const sender = await Sender.create(owner)
    for (const [userKey, option] of [
      ['user-17', 2],
      ['user-18', 0],
    ]) {
      const values = [VERSION, userKey, [option], '', '']
      const data = ActiveCitizen2017.question.encodeFunctionData('vote', values)
      await sender.send({ name: 'vote as before', to: question, data })
    }
    await sender.settle()
  })

  async function results(): Promise<number[]> {
    const wire = ActiveCitizen2017.question
    const asked = { to: question, wire, method: 'CurrentVersionResults' }
    const [counts] = await Reader.read({ rpcUrl: rpc }, asked)
    return [...counts].map(Number)
  }

  /** With words that may take the place of the usual ones: the last of a flag counts. */
  function stormAt(...words: string[]): Cli.Cli {
    const place = ['--rpc', rpc, '--root', root, '--owner-key-file', keyFile]
    const design = ['--design', 'active-citizen-2017', '--finality', 'instant']
    return storm(...place, ...design, ...words)
  }

  test(
    'default: what was counted before is not ours, and all of ours is counted',
    { concurrent: false },
    async () => {
      const before = await results()
      expect(before).toEqual([1, 0, 1])
      const cli = stormAt()
      const end = await cli.end
      const run = cli.record()
      expectPass(run, end)
      expect(run.counts.final).toBe(40)
      const [poll] = run.polls
      expect(poll?.options).toHaveLength(3)
      expect(poll?.tally).toEqual(poll?.recount)
      const after = await results()
      expect(after.map((count, option) => count - (before[option] ?? 0))).toEqual(poll?.recount)
    },
  )

  test(
    'error: what the deployment cannot take is refused before a ballot is fired',
    { concurrent: false },
    async () => {
      const otherKeyFile = join(temporaryFolder(), 'other.key')
      writeFileSync(otherKeyFile, '11'.repeat(32))
      const refused: [string[], string][] = [
        [['--seed', '2', '--root', `0x${'aa'.repeat(20)}`], 'There is no contract at 0xaaaa'],
        [['--seed', '2', '--root', question], 'getAllPollIds() of the contract'],
        [['--seed', '2', '--owner-key-file', otherKeyFile], 'would change nothing'],
        // The voters of the test above.
        [[], 'Take another --seed'],
      ]
      const days = ['run', 'active-citizen-day', '--voters', '2000', '--ballots', '100']
      const place = ['--network', 'external', '--rpc', rpc, '--root', root]
      const design = ['--design', 'active-citizen-2017', '--owner-key-file', keyFile]
      const day = Cli.start([...days, ...place, ...design])
      undo.push(() => day.dispose())
      const ends = await Promise.all(
        [day, ...refused.map(([words]) => stormAt(...words))].map(({ end }) => end),
      )
      const needed = 'holds 1 question(s) that can be voted on, and the scenario needs 40'
      const sentences = [needed, ...refused.map(([, sentence]) => sentence)]
      for (const [position, { exitCode, stderr }] of ends.entries()) {
        expect(exitCode, stderr).toBe(ExitCode.BAD_CONFIGURATION)
        expect(stderr).toContain(sentences[position])
        expect(stderr).not.toContain('    at ')
      }
    },
  )

  test(
    'behavior: votes that the contract denies say status 1, and are lost all the same',
    { concurrent: false },
    async () => {
      const before = await results()
      const cli = stormAt('--seed', '3')
      await Cli.said(cli, 'polls opened on the chain (')
      // The question goes to another owner; he stands in the first slot of its storage.
      const other = `0x${'00'.repeat(31)}01`
      await call(rpc, 'anvil_setStorageAt', [question, '0x0', other])
      await Cli.said(cli, 'until a final block seals the polls (')
      // Nothing seals these contracts, so the run would wait two minutes for what may come late.
      cli.child.kill('SIGTERM')
      const { exitCode, stderr } = await cli.end
      expect(exitCode, stderr).toBe(ExitCode.INTEGRITY_VIOLATED)
      expect(await results()).toEqual(before)
      const run = cli.record()
      expect(run.counts).toMatchObject({ acknowledged: 40, final: 0, lost: 40 })
      expect(run.findings.byLink).toEqual({ 'voter and database': 0, 'database and chain': 40 })
    },
  )
})
