import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { join } from 'node:path'

import { BallotstormError } from '../runtime/BallotstormError.ts'
import * as Spool from '../ballots/Spool.ts'
import { binding, presign, type Inputs } from '../presign/presign.ts'
import * as CastOrder from '../schedule/CastOrder.ts'
import * as Segment from '../schedule/Segment.ts'
import * as Arrivals from '../schedule/Arrivals.ts'
import * as Instants from '../schedule/Instants.ts'
import * as Plan from '../schedule/Plan.ts'

export type Options = Pick<
  Plan.Plan,
  'seed' | 'scenario' | 'design' | 'path' | 'polls' | 'arrivals' | 'voter'
> &
  Pick<Inputs, 'domain' | 'codeHash' | 'registerCommitment' | 'order'> & {
    electorateSize: number
    /** The share of the ballots that this plan fires. @default all */
    segment?: Segment.Segment | undefined
    /** Ballots that were signed before; they are signed now where there are none. */
    spoolFile?: string | undefined
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
 * @throws {ForeignSpoolError} where `spoolFile` holds other ballots than this plan's.
 * @throws what Spool.verify throws where `spoolFile` is damaged.
 */
export async function makePlan(options: Options): Promise<Made> {
  const electorate = { seed: options.seed, size: options.electorateSize }
  const order = options.order ?? CastOrder.uniformOf(electorate, options.polls)
  const expected = expectation(options, order)
  const inputs: Inputs = {
    ...options,
    order,
    electorate,
    ballotCount: Arrivals.count(options.arrivals),
  }
  const known = existing(options.folder, expected, inputs)
  if (known !== undefined) return { plan: known, isReused: true }

  mkdirSync(options.folder, { recursive: true })
  const file = (name: keyof typeof Plan.FILES): string => join(options.folder, Plan.FILES[name])
  rmSync(file('plan'), { force: true })
  const { registerFile, onProgress } = options
  const header =
    options.spoolFile === undefined
      ? await presign({ ...inputs, registerFile, spoolFile: file('spool'), onProgress })
      : take(options.spoolFile, { to: file('spool'), inputs, count: expected.ballotCount })
  const { sha256 } = Instants.write(file('instants'), instantsOf(options))
  const plan: Plan.Plan = { ...expected, spoolSha256: header.sha256, instantsSha256: sha256 }
  writeFileSync(`${file('plan')}.part`, `${JSON.stringify(plan, undefined, 2)}\n`)
  renameSync(`${file('plan')}.part`, file('plan'))
  return { plan, isReused: false }
}

/** Ballots that were signed before take the place of new ones, where they are the very same. */
function take(
  spoolFile: string,
  { to, inputs, count }: { to: string; inputs: Inputs; count: number },
): Spool.Header {
  const header = Spool.verify(spoolFile)
  const wanted = { ...binding(inputs), count }
  const holds = new Map<string, unknown>(Object.entries(header))
  const different = Object.entries(wanted).filter(
    ([name, value]) => !isDeepStrictEqual(holds.get(name), value),
  )
  if (different.length > 0) throw new ForeignSpoolError(spoolFile, holds, different)
  rmSync(to, { force: true })
  try {
    linkSync(spoolFile, to)
  } catch {
    // Another disk has no link to this one.
    copyFileSync(spoolFile, to)
  }
  return header
}

/**
 * The instants of the whole storm, and of those the segment's.
 *
 * @yields ms after the storm's start.
 */
function* instantsOf({ seed, arrivals, segment = Segment.WHOLE }: Options): Generator<number> {
  let ballot = 0
  for (const instant of Arrivals.instants(seed, arrivals)) {
    if (ballot % segment.of === segment.index - 1) yield instant
    ballot += 1
  }
}

type Expected = Omit<Plan.Plan, 'spoolSha256' | 'instantsSha256'>

/** The plan but for what only the finished files can tell. */
function expectation(options: Options, order: CastOrder.Description): Expected {
  const { seed, scenario, design, path, polls, arrivals, voter } = options
  const { segment = Segment.WHOLE } = options
  return {
    schema: Plan.SCHEMA,
    seed,
    scenario,
    design,
    path,
    electorate: { size: options.electorateSize },
    polls,
    arrivals,
    order,
    segment,
    stormMs: Arrivals.durationMs(arrivals),
    ballotCount: Segment.countOf(segment, Arrivals.count(arrivals)),
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

/** The spool of --spool holds other ballots than the run fires. */
export class ForeignSpoolError extends BallotstormError {
  override readonly name = 'makePlan.ForeignSpoolError'
  readonly code = 'SPOOL_FOREIGN'
  readonly exitCode = 104
  readonly remedy =
    'Presign it anew for the same scenario, seed, voters and contract, or run without --spool.'
  constructor(
    file: string,
    holds: ReadonlyMap<string, unknown>,
    different: readonly [string, unknown][],
  ) {
    const told = different.map(
      ([name, value]) =>
        `- ${name} is ${JSON.stringify(holds.get(name))}, this run needs ${JSON.stringify(value)}`,
    )
    super(`The spool ${file} holds other ballots than this run fires:\n${told.join('\n')}`)
  }
}
