import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { NETWORK_OF_TODAY, type Design } from '../../chain/designs/Design.ts'
import { designs } from '../../chain/designs/designs.ts'
import * as NetworkBounds from '../../chain/networks/bounds.ts'
import { VALIDATOR_KINDS, type Kind } from '../../chain/networks/Network.ts'
import type { Finality } from '../../scenarios/ballots/Finality.ts'
import { explanationOf } from '../../scenarios/runtime/BallotstormError.ts'
import * as Segment from '../../scenarios/schedule/Segment.ts'
import { UsageError } from '../UsageError.ts'
import * as Values from './flagValues.ts'
import { withoutEffect } from './withoutEffect.ts'

/** The kinds of network that `--network` takes. */
export const NETWORK_KINDS = [...VALIDATOR_KINDS, 'anvil', 'external'] as const
export type NetworkKind = (typeof NETWORK_KINDS)[number]

/** The flags of `run` as commander hands them over: text, not yet believed. */
export type Flags = {
  voters?: string | undefined
  rate?: string | undefined
  duration?: string | undefined
  ballots?: string | undefined
  compress?: string | undefined
  design: string
  network?: string | undefined
  rpc?: string | undefined
  validators?: string | undefined
  blockTime?: string | undefined
  gasLimit?: string | undefined
  finality?: string | undefined
  seed: string
  out: string
  postgres?: string | undefined
  deployerKeyFile?: string | undefined
  root?: string | undefined
  ownerKeyFile?: string | undefined
  api?: string | undefined
  receiptSigner?: string | undefined
  spool?: string | undefined
  segment?: string | undefined
  apiReplicas?: string | undefined
  relayers?: string | undefined
  batchSize?: string | undefined
  allowTargets?: string | undefined
  json: boolean
  keepData: boolean
}

/** What a run is asked to do: parsed once, whole, and believed from here on. */
export type RunOptions = {
  voters: number | undefined
  ratePerS: number | undefined
  durationMs: number | undefined
  ballots: number | undefined
  compress: number | undefined
  design: Design
  /** Undefined: the scenario's own. */
  network: NetworkKind | undefined
  rpcUrls: string[]
  /** These three are the design's own where the user does not say otherwise. */
  validatorCount: number
  blockTimeMs: number
  gasLimit: number
  /** Undefined: the network's own rule. */
  finality: Finality | undefined
  /** Processes of the voting API, and of the relayer. */
  apiReplicas: number
  relayers: number
  /** Ballots in a batch at most. Undefined: the relayer's own bound. */
  batchSize: number | undefined
  seed: string
  outFolder: string
  postgresUrl: string | undefined
  deployerKeyFile: string | undefined
  /** A deployment of 2017 that is there already, and the key of its owner. */
  externalDeployment: { root: string; ownerKeyFile: string } | undefined
  /** A voting API that is not ours, and the address that signs its receipts. */
  externalApi: { url: string; receiptSigner: string } | undefined
  /** Signed ballots from `presign`, in place of signing them now. */
  spoolFile: string | undefined
  /** The share of the ballots that is fired. */
  segment: Segment.Segment | undefined
  allowTargetsFile: string | undefined
  json: boolean
  keepData: boolean
}

/** Defaults of the flags; the help prints these very values. */
export const DEFAULTS = {
  design: 'relayed',
  seed: '1',
  out: 'out/runs',
} as const

/**
 * Reads the flags.
 *
 * @param usualKind - the network where the flags name none.
 * @throws {UsageError} with every problem at once.
 */
export function parse(flags: Flags, usualKind: Kind = 'qbft'): RunOptions {
  const problems: string[] = []
  const rpcUrls = flags.rpc === undefined ? [] : flags.rpc.split(',').filter((url) => url !== '')
  for (const url of rpcUrls) {
    if (!isHttpUrl(url)) {
      problems.push(`--rpc: "${url}" is no http URL; write for example http://127.0.0.1:8545.`)
    }
  }
  const network = NETWORK_KINDS.find((kind) => kind === flags.network)
  if (flags.network !== undefined && network === undefined) {
    problems.push(
      `--network: "${flags.network}" is unknown; take one of ${NETWORK_KINDS.join(', ')}.`,
    )
  }
  if (network === 'external' && rpcUrls.length === 0) {
    problems.push('--network external needs --rpc URL[,URL].')
  }
  if (network !== 'external' && rpcUrls.length > 0) {
    problems.push('--rpc goes with --network external only.')
  }
  const design = designs.find(({ name }) => name === flags.design)
  if (design === undefined) {
    const names = designs.map(({ name }) => name).join(', ')
    problems.push(`--design: "${flags.design}" is unknown; take one of ${names}.`)
  }
  problems.push(...placeProblems(flags))
  if (flags.seed === '' || flags.seed.length > 200) {
    problems.push('--seed: takes 1 to 200 characters.')
  }
  const kind = network ?? usualKind
  if (design !== undefined) problems.push(...withoutEffect(flags, design, kind))
  const options = {
    voters: Values.optional(flags.voters, (text) =>
      Values.integer('--voters', text, [1, 50_000_000], problems),
    ),
    ratePerS: Values.optional(flags.rate, (text) =>
      Values.number('--rate', text, [0, 100_000], problems),
    ),
    durationMs: Values.optional(flags.duration, (text) =>
      Values.durationOf('--duration', text, problems),
    ),
    ballots: Values.optional(flags.ballots, (text) =>
      Values.integer('--ballots', text, [1, 50_000_000], problems),
    ),
    compress: Values.optional(flags.compress, (text) =>
      Values.number('--compress', text, [1, 100_000], problems),
    ),
    network,
    rpcUrls,
    ...shapeOf(flags, { kind, usual: design?.network ?? NETWORK_OF_TODAY }, problems),
    finality: Values.optional(flags.finality, (text) => Values.finality(text, problems)),
    ...countsOf(flags, design, problems),
    seed: flags.seed,
    outFolder: resolve(flags.out),
    postgresUrl: flags.postgres,
    deployerKeyFile: flags.deployerKeyFile,
    externalDeployment: externalDeployment(flags, design, problems),
    externalApi: externalApi(flags, design, problems),
    spoolFile: Values.optional(flags.spool, (text) => existing('--spool', text, problems)),
    segment: Values.optional(flags.segment, (text) => segment(text, problems)),
    allowTargetsFile: flags.allowTargets,
    json: flags.json,
    keepData: flags.keepData,
  }
  if (problems.length > 0 || design === undefined) throw new UsageError(problems)
  return { ...options, design }
}

/** The network's numbers, the design's own where the user says nothing. */
function shapeOf(
  flags: Flags,
  { kind, usual }: { kind: Kind; usual: Design['network'] },
  problems: string[],
): Design['network'] {
  const choices = NetworkBounds.CHOICES[kind]
  return {
    validatorCount:
      Values.optional(flags.validators, (text) =>
        bounded('--validators', text, choices.validators, problems),
      ) ?? usual.validatorCount,
    blockTimeMs:
      Values.optional(flags.blockTime, (text) => Values.blockTime(text, kind, problems)) ??
      usual.blockTimeMs,
    gasLimit:
      Values.optional(flags.gasLimit, (text) =>
        bounded('--gas-limit', text, choices.gasLimit, problems),
      ) ?? usual.gasLimit,
  }
}

/** How many processes there are of each part of the system. */
function countsOf(
  flags: Flags,
  design: Design | undefined,
  problems: string[],
): Pick<RunOptions, 'apiReplicas' | 'relayers' | 'batchSize'> {
  return {
    apiReplicas:
      Values.optional(flags.apiReplicas, (text) =>
        Values.integer('--api-replicas', text, REPLICAS, problems),
      ) ?? 1,
    relayers: Values.optional(flags.relayers, (text) => relayers(text, design, problems)) ?? 1,
    batchSize: Values.optional(flags.batchSize, (text) =>
      Values.integer('--batch-size', text, BATCH_SIZES, problems),
    ),
  }
}

/** A process of each takes its share of the cores; eight are more than two cores serve. */
const REPLICAS = [1, 8] as const

/** No transaction holds more signed ballots. */
const BATCH_SIZES = [1, 800] as const

/** Where the contract obeys one account, only one relayer can send from it. */
function relayers(text: string, design: Design | undefined, problems: string[]): number {
  const count = Values.integer('--relayers', text, REPLICAS, problems)
  if (count > 1 && design?.record === 'database' && design.parts.includes('relayer')) {
    problems.push(
      `--relayers: the contract of --design ${design.name} obeys one account: take 1, or --design relayed.`,
    )
  }
  return count
}

/** Within the bounds of the network's kind; where it leaves no choice, that is told elsewhere. */
function bounded(
  flag: string,
  text: string,
  bounds: NetworkBounds.Bounds | undefined,
  problems: string[],
): number {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = bounds ?? {}
  return Values.integer(flag, text, [min, max], problems)
}

/** A deployment of 2017 that somebody else made: where it is, and whose key may write to it. */
function externalDeployment(
  { root, ownerKeyFile, network }: Flags,
  design: Design | undefined,
  problems: string[],
): RunOptions['externalDeployment'] {
  if (root === undefined && ownerKeyFile === undefined) return undefined
  if (root === undefined || ownerKeyFile === undefined) {
    problems.push('--root and --owner-key-file go together: where votes go, and who may send them.')
    return undefined
  }
  if (design?.contracts !== 'active-citizen-2017' || network !== 'external') {
    problems.push('--root goes with --design active-citizen-2017 and --network external only.')
  }
  return { root: address('--root', root, problems), ownerKeyFile }
}

/** An API that somebody else wrote: where it is, and who signs its receipts. */
function externalApi(
  { api, receiptSigner }: Flags,
  design: Design | undefined,
  problems: string[],
): RunOptions['externalApi'] {
  if (api === undefined && receiptSigner === undefined) return undefined
  if (api === undefined || receiptSigner === undefined) {
    problems.push(
      '--api and --receipt-signer go together: a receipt counts only where its signature is checked.',
    )
    return undefined
  }
  if (!isHttpUrl(api)) {
    problems.push(`--api: "${api}" is no http URL; write for example http://127.0.0.1:8080.`)
  }
  if (design !== undefined && (design.contracts === 'none' || design.path === 'rpc')) {
    problems.push(
      `--api: design ${design.name} has ${design.path === 'rpc' ? 'no API' : 'no chain to hold the API against'}.`,
    )
  }
  return {
    url: api.replace(/\/+$/, ''),
    receiptSigner: address('--receipt-signer', receiptSigner, problems),
  }
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
}

function address(flag: string, text: string, problems: string[]): string {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) {
    problems.push(`${flag}: "${text}" is no address of 0x and 40 hex digits.`)
  }
  return text.toLowerCase()
}

function existing(flag: string, file: string, problems: string[]): string {
  if (!existsSync(file)) problems.push(`${flag}: there is no file "${file}".`)
  return resolve(file)
}

function segment(text: string, problems: string[]): Segment.Segment {
  try {
    return Segment.parse(text)
  } catch (error) {
    problems.push(`--segment: ${explanationOf(error)}`)
    return Segment.WHOLE
  }
}

/** What is wrong with the files and the server that the flags name. */
function placeProblems(flags: Flags): string[] {
  const problems: string[] = []
  const { allowTargets, postgres } = flags
  if (allowTargets !== undefined) existing('--allow-targets', allowTargets, problems)
  for (const [flag, file] of [
    ['--deployer-key-file', flags.deployerKeyFile],
    ['--owner-key-file', flags.ownerKeyFile],
  ] as const) {
    if (file === undefined) continue
    existing(flag, file, problems)
    if (existsSync(file) && !holdsKey(file)) {
      problems.push(`${flag}: "${file}" holds no key of 64 hex digits.`)
    }
  }
  if (postgres !== undefined && !isPostgresUrl(postgres)) {
    problems.push(
      '--postgres: takes a URL such as postgres://user:password@127.0.0.1:5432/ballots.',
    )
  }
  return problems
}

function holdsKey(file: string): boolean {
  try {
    return /^(0x)?[0-9a-fA-F]{64}$/.test(readFileSync(file, 'utf8').trim())
  } catch {
    return false
  }
}

function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)
}

/** The flags that differ from the defaults, as one would type them: the way to repeat a run. */
export function command(scenario: string, flags: Flags): string {
  const usual: Readonly<Record<string, string>> = { ...DEFAULTS, seed: '' }
  const words = Object.entries(flags).flatMap(([name, value]) => {
    if (value === undefined || value === false || name === 'out' || name === 'json') return []
    if (value === usual[name]) return []
    const flag = Values.flagOf(name)
    return value === true ? [flag] : [flag, quote(withoutPasswords(value))]
  })
  return ['npm run storm -- run', scenario, ...words].join(' ')
}

/** The command stands in the report, which others read: what a URL keeps secret stays out of it. */
function withoutPasswords(word: string): string {
  return word.replace(/(:\/\/[^\s:/@]*:)[^\s/@]+@/g, '$1***@')
}

function quote(word: string): string {
  return /^[\w./:,@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
