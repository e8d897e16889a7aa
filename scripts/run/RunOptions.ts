import type { Kind } from '../../chain/networks/kinds.ts'
import * as Storm from '../../scenarios/storms/Storm.ts'
import { find, storms } from '../../scenarios/storms/storms.ts'
import { commands } from '../options/commands.ts'
import * as Options from '../options/Options.ts'
import type { RigOptions } from '../rig/RigOptions.ts'
import { UsageError } from '../UsageError.ts'

const OPTIONS = commands.run.options

/** The flags of `run` as commander hands them over: text, not yet believed. */
export type Flags = Options.Flags<typeof OPTIONS>

type Values = Options.Values<typeof OPTIONS>

/** What a run is asked to do: parsed once, whole, and believed from here on. */
export type RunOptions = Omit<Values, keyof RigOptions> & RigOptions

/**
 * Reads the flags of a run of a scenario.
 *
 * @returns what is asked for, and the scenario with the user's figures.
 * @throws {UsageError} with every problem at once.
 */
export function ofScenario(
  name: string,
  flags: Flags,
): { options: RunOptions; storm: Storm.Storm } {
  const named = find(name)
  const names = storms.map((storm) => storm.name).join(', ')
  const unknown = `There is no scenario "${name}"; take one of ${names}.`
  const options = read(flags, named, named === undefined ? [unknown] : [])
  if (named === undefined) throw new UsageError([unknown])
  return { options, storm: Storm.override(named, options) }
}

/**
 * Reads the flags.
 *
 * @param storm - brings the network where the flags name none. @default one on qbft
 * @throws {UsageError} with every problem at once.
 */
export function parse(flags: Flags, storm?: Storm.Storm): RunOptions {
  return read(flags, storm, [])
}

function read(flags: Flags, storm: Storm.Storm | undefined, known: readonly string[]): RunOptions {
  const values = Options.parse(OPTIONS, flags, (some, unread) => [
    ...known,
    ...contradictions(flags, some, storm),
    ...(storm === undefined || unread.length > 0 ? [] : stormProblems(storm, some)),
  ])
  const { apiUrl: url, design, ownerKeyFile, receiptSigner, root } = values
  return {
    ...values,
    network: design.contracts === 'none' ? undefined : kindOf(values, storm),
    rpcUrls: values.rpcUrls ?? [],
    validatorCount: values.validatorCount ?? design.network.validatorCount,
    blockTimeMs: values.blockTimeMs ?? design.network.blockTimeMs,
    gasLimit: values.gasLimit ?? design.network.gasLimit,
    externalDeployment: root && ownerKeyFile ? { root, ownerKeyFile } : undefined,
    externalApi: url && receiptSigner ? { url, receiptSigner } : undefined,
  }
}

function kindOf(values: Partial<Values>, storm: Storm.Storm | undefined): Kind {
  return values.network ?? storm?.network ?? 'qbft'
}

/** What the flags say against each other. */
function contradictions(
  flags: Flags,
  values: Partial<Values>,
  storm: Storm.Storm | undefined,
): string[] {
  const { design } = values
  const kind = kindOf(values, storm)
  const problems: string[] = []
  if (kind === 'external' && flags.rpc === undefined) {
    problems.push('--network external needs --rpc URL[,URL].')
  }
  if ((flags.root === undefined) !== (flags.ownerKeyFile === undefined)) {
    problems.push('--root and --owner-key-file go together: where votes go, and who may send them.')
  }
  const hasExternalApi = flags.api !== undefined
  if (hasExternalApi !== (flags.receiptSigner !== undefined)) {
    problems.push(
      '--api and --receipt-signer go together: a receipt counts only where its signature is checked.',
    )
  }
  if (design === undefined) return problems
  const setting = { design, kind, storm, hasExternalApi }
  return [...problems, ...Options.misfits(OPTIONS, flags, [setting])]
}

/** From acknowledgement to a final block: a batch waits for one, is mined in the next, and some play. */
const SEALING_BLOCKS_MIN = 4

/** What the flags make of the scenario that cannot be fired. */
function stormProblems(storm: Storm.Storm, values: Partial<Values>): string[] {
  const blockTimeMs = values.blockTimeMs ?? values.design?.network.blockTimeMs ?? 0
  const shortestMs = Math.min(...storm.polls.map(({ sealsAfterCloseMs }) => sealsAfterCloseMs))
  const problems = Storm.problems(Storm.override(storm, values))
  if (shortestMs >= SEALING_BLOCKS_MIN * blockTimeMs) return problems
  return [
    ...problems,
    `--block-time: with ${blockTimeMs} ms a ballot cannot reach the chain between closing and sealing of ${storm.name} (${shortestMs} ms): take at most ${shortestMs / SEALING_BLOCKS_MIN} ms.`,
  ]
}

/** The way to repeat a run. */
export function command(scenario: string, flags: Flags): string {
  return Options.command(['run', scenario], OPTIONS, flags)
}
