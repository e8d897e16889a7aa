import { join } from 'node:path'

import { audit, InterruptedError, type Audit } from '../../metrics/audit/audit.ts'
import { UnansweredError } from '../../metrics/audit/WorkerPool.ts'
import * as Run from '../../metrics/Run.ts'
import { RpcError } from '../../metrics/rpc/Rpc.ts'
import { explanationOf } from '../../scenarios/runtime/BallotstormError.ts'
import * as ExitCode from '../ExitCode.ts'
import * as Progress from '../Progress.ts'
import { commands } from '../options/commands.ts'
import * as Options from '../options/Options.ts'
import { UsageError } from '../UsageError.ts'
import { auditText } from './auditText.ts'

const OPTIONS = commands.verify.options

/**
 * `verify`: checks an election from the chain alone, and tells what agrees, what does not, and what
 * could not be checked.
 *
 * @returns PASS where all agrees, INTEGRITY_VIOLATED with a finding, INCONCLUSIVE where nothing could
 * be checked, INTERRUPTED after a signal.
 * @throws {UsageError} with every mistake in the flags at once; and the errors of `audit`.
 */
export async function verify(flags: Options.Flags<typeof OPTIONS>): Promise<number> {
  const { json, ...options } = parse(flags)
  const progress = Progress.create(process.stderr, () => performance.now())
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  for (const signal of SIGNALS) process.on(signal, onSignal)
  try {
    progress.step('Verify the chain')
    const startedMs = performance.now()
    const result = await audit({
      ...options,
      signal: stop.signal,
      onProgress({ block, toBlock, signatures, ballots }) {
        const perS = (signatures / (performance.now() - startedMs)) * 1000
        progress.update(
          `block ${block} of ${toBlock}, ${ballots} ballots, ${signatures} signatures (${perS.toFixed(0)}/s)`,
        )
      },
    })
    progress.done()
    tell(result, performance.now() - startedMs, json)
    return exitCode(result)
  } catch (error) {
    if (error instanceof InterruptedError) {
      progress.note(explanationOf(error))
      return ExitCode.INTERRUPTED
    }
    if (!(error instanceof UnansweredError || error instanceof RpcError)) throw error
    progress.note(`Nothing can be said: ${explanationOf(error)}`)
    return ExitCode.INCONCLUSIVE
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

type Given = Options.Flags<typeof OPTIONS>

/** What the user says outweighs the record of the run. */
function parse(flags: Given): Parameters<typeof audit>[0] & { json: boolean } {
  const values = Options.parse(OPTIONS, flags, ({ runFolder, contract }) =>
    runFolder === undefined && contract === undefined && flags.contract === undefined
      ? ['Name what to audit: --contract with its address, or --run with a run folder.']
      : [],
  )
  const { runFolder, ...given } = values
  const ofRun = runFolder === undefined ? undefined : recordOf(runFolder)
  return {
    ...given,
    contract: given.contract ?? ofRun?.contract ?? '',
    fromBlock: given.fromBlock ?? ofRun?.fromBlock ?? 1,
    receiptSigner: given.receiptSigner ?? ofRun?.receiptSigner,
    genesisHash: given.genesisHash ?? ofRun?.genesisHash,
  }
}

/** @throws {UsageError} where the run's design has no chain. */
function recordOf(runFolder: string): {
  contract: string
  fromBlock: number
  receiptSigner: string | undefined
  genesisHash: string | undefined
} {
  const { deployment, network, design } = Run.read(join(runFolder, 'run.json'))
  if (deployment === null) {
    throw new UsageError([
      `--run: the record names no contract; design ${design} may have no chain.`,
    ])
  }
  const { contract, fromBlock, receiptSigner } = deployment
  return {
    contract,
    fromBlock: Math.max(1, fromBlock),
    receiptSigner: receiptSigner ?? undefined,
    genesisHash: network?.genesisHash,
  }
}

/** A chain without the contract's polls has nothing in it that could agree. */
function exitCode({ findings, polls }: Audit): number {
  if (findings.count > 0) return ExitCode.INTEGRITY_VIOLATED
  return polls.length === 0 ? ExitCode.INCONCLUSIVE : ExitCode.PASS
}

function tell(result: Audit, tookMs: number, json: boolean): void {
  const text = json ? `${JSON.stringify(result)}\n` : auditText(result, tookMs)
  process.stdout.write(text)
}
