import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'

import * as Spool from '../ballots/Spool.ts'
import * as cities from '../cities/cities.ts'
import * as DayArrivals from '../population/DayArrivals.ts'
import * as DayCurve from '../population/DayCurve.ts'
import { binding, presign, type Inputs } from '../presign/presign.ts'
import * as Arrivals from './Arrivals.ts'
import * as Instants from './Instants.ts'
import * as Plan from './Plan.ts'

export type Options = Pick<
  Plan.Plan,
  'seed' | 'scenario' | 'design' | 'path' | 'polls' | 'stages' | 'voter'
> &
  Pick<Inputs, 'domain' | 'codeHash' | 'registerCommitment' | 'order'> & {
    electorateSize: number
    /** Where the instants follow a city's day in place of the stages. */
    day?: Plan.Day | undefined
    /** From `register`; need not lie in the folder. */
    registerFile: string
    /** The plan's folder; made where it is missing. */
    folder: string
    onProgress?: ((signed: number, total: number) => void) | undefined
  }

/** A plan, and whether a whole one from the same inputs was there already. */
export type Made = { plan: Plan.Plan; isReused: boolean }

/**
 * Makes a plan's folder: instants, signed ballots, and last the plan itself, so that a folder with
 * a plan is whole. Where it holds one made from the same inputs, undamaged, nothing is signed again.
 *
 * @throws {TooManyBallotsError} where some voter would have to vote twice in one poll.
 */
export async function makePlan(options: Options): Promise<Made> {
  const expected = expectation(options)
  const inputs: Inputs = {
    ...options,
    electorate: { seed: options.seed, size: options.electorateSize },
    ballotCount: expected.ballotCount,
  }
  const known = existing(options.folder, expected, inputs)
  if (known !== undefined) return { plan: known, isReused: true }

  mkdirSync(options.folder, { recursive: true })
  const file = (name: keyof typeof Plan.FILES): string => join(options.folder, Plan.FILES[name])
  rmSync(file('plan'), { force: true })
  const { registerFile, onProgress } = options
  const header = await presign({ ...inputs, registerFile, spoolFile: file('spool'), onProgress })
  const { sha256 } = Instants.write(file('instants'), instantsOf(options, expected.ballotCount))
  const plan: Plan.Plan = { ...expected, spoolSha256: header.sha256, instantsSha256: sha256 }
  writeFileSync(`${file('plan')}.part`, `${JSON.stringify(plan, undefined, 2)}\n`)
  renameSync(`${file('plan')}.part`, file('plan'))
  return { plan, isReused: false }
}

function instantsOf({ seed, stages, day }: Options, count: number): Iterable<number> {
  if (day === undefined) return Arrivals.instants(seed, stages)
  const curve = DayCurve.create(cities.read(day.city).day)
  return DayArrivals.create(curve, {
    seed,
    label: 'storm',
    count,
    compress: day.compress,
  }).instants()
}

type Expected = Omit<Plan.Plan, 'spoolSha256' | 'instantsSha256'>

/** The plan but for what only the finished files can tell. */
function expectation(options: Options): Expected {
  const { seed, scenario, design, path, polls, stages, day, voter } = options
  return {
    schema: Plan.SCHEMA,
    seed,
    scenario,
    design,
    path,
    electorate: { size: options.electorateSize },
    polls,
    stages,
    ...(day !== undefined && { day }),
    stormMs: stages.reduce((sum, { durationMs }) => sum + durationMs, 0),
    ballotCount: Arrivals.count(stages),
    voter,
  }
}

/** The plan in the folder, where it follows from the same inputs and its files are undamaged. */
function existing(folder: string, expected: Expected, inputs: Inputs): Plan.Plan | undefined {
  if (!existsSync(join(folder, Plan.FILES.plan))) return undefined
  try {
    const plan = Plan.read(folder)
    const { spoolSha256, instantsSha256, ...rest } = plan
    if (!isDeepStrictEqual(rest, expected)) return undefined
    const header = Spool.verify(join(folder, Plan.FILES.spool))
    if (!isDeepStrictEqual({ ...header, ...binding(inputs) }, header)) return undefined
    if (header.count !== expected.ballotCount || header.sha256 !== spoolSha256) return undefined
    if (Instants.digest(join(folder, Plan.FILES.instants)) !== instantsSha256) return undefined
    return plan
  } catch {
    // Damaged or of another version: it is made anew.
    return undefined
  }
}
