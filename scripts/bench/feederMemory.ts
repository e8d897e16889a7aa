import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Type } from 'typebox'
import { Value } from 'typebox/value'

import * as Ballot from '../../scenarios/ballots/Ballot.ts'
import * as Spool from '../../scenarios/ballots/Spool.ts'
import * as Instants from '../../scenarios/schedule/Instants.ts'
import * as Plan from '../../scenarios/schedule/Plan.ts'
import * as Segment from '../../scenarios/schedule/Segment.ts'
import type { Benchmark } from './Benchmark.ts'
import { DOMAIN } from './Fixture.ts'

const FEW = 10_000
const MANY = 1_000_000

/** Room for the garbage collector's mood. */
const TIMES_MAX = 1.25

/** The most memory that the feeder takes while it hands out a whole spool. */
export const feederMemory: Benchmark = {
  name: 'feeder-memory',
  description: `peak resident memory of the feeder over ${MANY.toLocaleString('en')} ballots against ${FEW.toLocaleString('en')}`,
  limit: { kind: 'most', value: TIMES_MAX, unit: 'times' },
  async measure(folder) {
    const few = await peakMb(join(folder, 'few'), FEW)
    const many = await peakMb(join(folder, 'many'), MANY)
    return {
      rounds: [many / few],
      details: `${Math.round(many)} MB against ${Math.round(few)} MB`,
    }
  },
}

async function peakMb(folder: string, count: number): Promise<number> {
  mkdirSync(folder)
  makePlan(folder, count)
  const configFile = join(folder, 'feeder.json')
  const config = {
    planFolder: folder,
    historyFile: join(folder, 'handed-over.log'),
    startAtMs: 0,
  }
  writeFileSync(configFile, JSON.stringify(config))
  const main = join(import.meta.dirname, '../../scenarios/load/feeder/main.ts')
  const child = spawn(process.execPath, [main, configFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  try {
    const [line]: unknown[] = await once(child.stdout, 'data')
    const { url } = Value.Parse(Type.Object({ url: Type.String() }), JSON.parse(String(line)))
    while ((await takeSlice(url)) === 'more');
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    return (Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6
  } finally {
    child.kill('SIGTERM')
    await exited
  }
}

async function takeSlice(url: string): Promise<'more' | 'end'> {
  const response = await fetch(`${url}/slice`)
  await response.arrayBuffer()
  return response.status === 204 ? 'end' : 'more'
}

/** A plan with records of the right size; nobody looks at their signatures here. */
function makePlan(folder: string, count: number): void {
  const writer = Spool.create(join(folder, Plan.FILES.spool), {
    path: 'api',
    seed: 'bench',
    chainId: DOMAIN.chainId,
    verifyingContract: DOMAIN.verifyingContract,
    codeHash: `0x${'11'.repeat(32)}`,
    ballotType: Ballot.TYPE,
    pollsDigest: `0x${'22'.repeat(32)}`,
    orderDigest: '33'.repeat(32),
    segment: { index: 1, of: 1 },
  })
  const signature = Buffer.alloc(65, 7)
  for (let first = 0; first < count; first += 1000) {
    const records = Array.from({ length: 1000 }, (_, index) =>
      Spool.encodeSigned(
        { pollId: 1, voterIndex: first + index, choice: 0, signature },
        Buffer.alloc(20, 9),
      ),
    )
    writer.append(Buffer.concat(records))
  }
  const { sha256 } = writer.finish()
  const instants = Array.from({ length: count }, (_, index) => index)
  const written = Instants.write(join(folder, Plan.FILES.instants), instants)
  const plan: Plan.Plan = {
    schema: Plan.SCHEMA,
    seed: 'bench',
    scenario: 'bench',
    design: 'relayed',
    path: 'api',
    electorate: { size: count },
    polls: [
      {
        pollId: 1,
        question: 'Which?',
        options: ['one', 'two'],
        closesAfterMs: 0,
        sealsAfterCloseMs: 0,
      },
    ],
    order: {
      kind: 'uniform',
      seed: 'bench',
      voterCount: count,
      polls: [{ pollId: 1, optionCount: 2 }],
    },
    segment: Segment.WHOLE,
    arrivals: { kind: 'stages', stages: [{ ratePerS: 1000, durationMs: count }] },
    // A storm that began in 1970 and is not over yet: every slice is due at once.
    stormMs: Number.MAX_SAFE_INTEGER,
    ballotCount: count,
    voter: { attemptsMax: 1, timeoutMs: 1000, backoffMs: 0 },
    spoolSha256: sha256,
    instantsSha256: written.sha256,
  }
  writeFileSync(join(folder, Plan.FILES.plan), JSON.stringify(plan))
}
