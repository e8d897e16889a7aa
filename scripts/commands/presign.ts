import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'

import * as Deploy from '../../chain/contracts/deploy.ts'
import { explanationOf } from '../../scenarios/runtime/BallotstormError.ts'
import * as Address from '../../scenarios/ballots/Address.ts'
import { keccak256 } from '../../scenarios/ballots/keccak256.ts'
import * as Spool from '../../scenarios/ballots/Spool.ts'
import * as Electorate from '../../scenarios/population/Electorate.ts'
import { join as joinSegments } from '../../scenarios/presign/join.ts'
import * as Presign from '../../scenarios/presign/presign.ts'
import { register } from '../../scenarios/presign/register.ts'
import * as Segment from '../../scenarios/schedule/Segment.ts'
import * as Workers from '../../scenarios/presign/Workers.ts'
import { cacheFolder } from '../cacheFolder.ts'
import * as Contracts from '../contracts.ts'
import * as ExitCode from '../ExitCode.ts'
import * as FileLock from '../FileLock.ts'
import * as Progress from '../Progress.ts'
import * as Interruption from '../run/Interruption.ts'
import { UsageError } from '../UsageError.ts'
import * as PresignOptions from './PresignOptions.ts'

/** A city's register takes minutes; whoever needs the same one waits for it. */
const REGISTER_TIMEOUT_MS = 3_600_000

/**
 * `presign [scenario or city]`: signs ballots into a spool, or one segment of them; with `--join` makes
 * one of all segments. Interrupted, the same command goes on where it stopped; a spool that is whole
 * already is left alone.
 *
 * @param name - of a scenario, a city or a city's file; without one all voters are alike.
 * @returns PASS, or INTERRUPTED after a signal.
 * @throws {UsageError} with every mistake in the flags at once.
 */
export async function presign(
  name: string | undefined,
  flags: PresignOptions.Flags,
): Promise<number> {
  if (flags.join !== undefined) return joinSpools(PresignOptions.parseJoin(name, flags))
  const options = PresignOptions.parse(name, flags)
  assertRoom(options)
  const progress = Progress.create(process.stderr, () => performance.now())
  // A second signal does not wait for the blocks under way; the next call finds what is whole.
  const interruption = Interruption.listen(() => process.kill(process.pid, 'SIGKILL'))
  const { signal } = interruption
  const startedMs = performance.now()
  try {
    progress.step('contracts')
    const { inputs, registerFile } = await prepare(options, { progress, signal })
    const { out, workers } = options
    const header =
      existing(out, inputs) ??
      (await sign({ ...inputs, registerFile, spoolFile: out, workers, signal }, progress))
    progress.done()
    tell(header, { out, registerFile, tookMs: performance.now() - startedMs, json: options.json })
    return ExitCode.PASS
  } catch (error) {
    if (!(error instanceof Workers.InterruptedError)) throw error
    progress.note(explanationOf(error))
    return ExitCode.INTERRUPTED
  } finally {
    interruption.close()
  }
}

/** Makes of all segments the spool that one call would have made; mistakes and damage are thrown. */
function joinSpools({ files, out, json }: ReturnType<typeof PresignOptions.parseJoin>): number {
  const progress = Progress.create(process.stderr, () => performance.now())
  const startedMs = performance.now()
  progress.step(`${files.length} segments joined`)
  mkdirSync(dirname(out), { recursive: true })
  const onProgress = pace((text) => progress.update(text))
  const header = joinSegments(files, { spoolFile: out, onProgress })
  progress.done()
  tell(header, { out, tookMs: performance.now() - startedMs, json })
  return ExitCode.PASS
}

type Context = { progress: Progress.Progress; signal: AbortSignal }

/** Makes what the ballots depend on: the contracts' code and the register. */
async function prepare(
  options: PresignOptions.PresignOptions,
  { progress, signal }: Context,
): Promise<{ inputs: Presign.Inputs; registerFile: string }> {
  const { electorate, workers } = options
  const { deployedBytecode } = await Contracts.artifact('BallotBox')
  const code = keccak256(Buffer.from(deployedBytecode.slice(2), 'hex'))
  const deployerKey = Electorate.rolePrivateKey(electorate.seed, 'deployer')
  const file = options.registerFile ?? defaultRegisterFile(electorate)
  mkdirSync(dirname(file), { recursive: true })
  mkdirSync(dirname(options.out), { recursive: true })

  progress.step(`register of ${electorate.size} voters`)
  const onProgress = pace((text) => progress.update(text))
  const onWait = (pid: number): void => progress.update(`waiting for process ${pid}`)
  const registerCommitment = await FileLock.hold(
    `${file}.lock`,
    { timeoutMs: REGISTER_TIMEOUT_MS, onWait },
    () => register({ electorate, file, workers, signal, onProgress }),
  )
  const inputs = {
    path: options.path,
    electorate,
    polls: options.polls,
    order: options.order,
    ballotCount: options.ballotCount,
    segment: options.segment,
    domain: {
      chainId: options.chainId,
      verifyingContract: options.ballotBox ?? Deploy.addresses(deployerKey, 0).ballotBox,
    },
    codeHash: `0x${code.toString('hex')}`,
    registerCommitment,
  }
  return { inputs, registerFile: file }
}

async function sign(options: Presign.Options, progress: Progress.Progress): Promise<Spool.Header> {
  progress.step(`${Segment.countOf(options.segment ?? Segment.WHOLE, options.ballotCount)} ballots`)
  return Presign.presign({ ...options, onProgress: pace((text) => progress.update(text)) })
}

/** The same register serves every spool of an electorate, so it has one place. */
function defaultRegisterFile(electorate: Electorate.Electorate): string {
  const name = createHash('sha256').update(JSON.stringify(electorate)).digest('hex').slice(0, 32)
  return join(cacheFolder(), 'registers', `${name}.bin`)
}

/**
 * The spool that is there already.
 *
 * @throws {UsageError} where the file is anything else, or damaged: it is not overwritten.
 */
function existing(out: string, inputs: Presign.Inputs): Spool.Header | undefined {
  if (!existsSync(out)) return undefined
  const header = verify(out)
  const count = Segment.countOf(inputs.segment ?? Segment.WHOLE, inputs.ballotCount)
  const expected = { ...header, ...Presign.binding(inputs), count }
  if (isDeepStrictEqual(header, expected)) return header
  throw new UsageError([`--out: ${out} holds other ballots: remove it, or name another file.`])
}

function verify(out: string): Spool.Header {
  try {
    return Spool.verify(out)
  } catch (error) {
    if (!(error instanceof Spool.DamagedError)) throw error
    throw new UsageError([`--out: ${error.message} Remove it first, or name another file.`])
  }
}

/** Refuses ballots for which the disk is too small, before anything is written. */
function assertRoom(options: PresignOptions.PresignOptions): void {
  const { out, path, segment, ballotCount, electorate } = options
  mkdirSync(dirname(out), { recursive: true })
  const records = Segment.countOf(segment, ballotCount)
  const needBytes = records * Spool.RECORD_SIZE_BYTES[path] + electorate.size * Address.SIZE_BYTES
  const { bavail, bsize } = statfsSync(dirname(out))
  if (bavail * bsize >= needBytes) return
  throw new UsageError([
    `--out: this takes ${gigabytes(needBytes)} and ${dirname(out)} has ${gigabytes(bavail * bsize)} free: name another disk, or sign in segments.`,
  ])
}

/** Progress as a person reads it: how many, how fast, how long yet. */
function pace(update: (text: string) => void): (done: number, total: number) => void {
  let first: { done: number; atMs: number } | undefined
  return (done, total) => {
    first ??= { done, atMs: performance.now() }
    const perMs = (done - first.done) / (performance.now() - first.atMs)
    const share = `${done} of ${total} (${Math.floor((100 * done) / total)} %)`
    if (!(perMs > 0)) return update(share)
    const leftS = Math.ceil((total - done) / perMs / 1000)
    const left = leftS < 120 ? `${leftS} s` : `${Math.ceil(leftS / 60)} min`
    update(`${share}, ${Math.round(perMs * 1000)}/s, about ${left} left`)
  }
}

function tell(
  header: Spool.Header,
  made: { out: string; registerFile?: string; tookMs: number; json: boolean },
): void {
  const { json, tookMs, ...files } = made
  if (json) {
    const record = { ...files, tookMs: Math.round(tookMs), ...header }
    process.stdout.write(`${JSON.stringify(record)}\n`)
    return
  }
  const { index, of } = header.segment
  const share = of === 1 ? '' : ` (segment ${index}/${of})`
  process.stdout.write(
    `${header.count} ballots of the path ${header.path}${share}: ${made.out}\n` +
      `For chain ${header.chainId}, contract ${header.verifyingContract}\n` +
      `Digest: ${header.sha256}\n`,
  )
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`
}
