import { existsSync, statSync } from 'node:fs'

import { audit, InterruptedError, type Audit } from '../../metrics/audit/audit.ts'
import { UnansweredError } from '../../metrics/audit/WorkerPool.ts'
import { RpcError } from '../../metrics/rpc/Rpc.ts'
import { explanationOf } from '../../scenarios/runtime/BallotstormError.ts'
import * as ExitCode from '../ExitCode.ts'
import * as Progress from '../Progress.ts'
import { UsageError } from '../UsageError.ts'
import { auditText } from './auditText.ts'

/** The flags of `verify` as commander hands them over. */
export type Flags = {
  rpc: string
  contract: string
  register?: string
  receipts?: string
  receiptSigner?: string
  genesis?: string
  fromBlock: string
  resume?: string
  json: boolean
}

/**
 * `verify`: checks an election from the chain alone, and tells what agrees, what does not, and what
 * could not be checked.
 *
 * @returns PASS where all agrees, INTEGRITY_VIOLATED with a finding, INCONCLUSIVE where nothing could
 * be checked, INTERRUPTED after a signal.
 * @throws {UsageError} with every mistake in the flags at once; and the errors of `audit`.
 */
export async function verify(flags: Flags): Promise<number> {
  const options = parse(flags)
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
    tell(result, performance.now() - startedMs, flags.json)
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

/** A chain without the contract's polls has nothing in it that could agree. */
function exitCode({ findings, polls }: Audit): number {
  if (findings.count > 0) return ExitCode.INTEGRITY_VIOLATED
  return polls.length === 0 ? ExitCode.INCONCLUSIVE : ExitCode.PASS
}

function tell(result: Audit, tookMs: number, json: boolean): void {
  const text = json ? `${JSON.stringify(result)}\n` : auditText(result, tookMs)
  process.stdout.write(text)
}

function parse(flags: Flags): Parameters<typeof audit>[0] {
  const problems: string[] = []
  const rpcUrls = flags.rpc.split(',').filter((url) => url !== '')
  if (rpcUrls.length === 0) problems.push('--rpc: name one node at least.')
  for (const url of rpcUrls) {
    if (!URL.canParse(url) || !/^https?:\/\//.test(url)) {
      problems.push(`--rpc: "${url}" is no http URL; write for example http://127.0.0.1:8545.`)
    }
  }
  const hex = (flag: string, text: string | undefined, digits: number): string | undefined => {
    if (text === undefined) return undefined
    if (!new RegExp(`^0x[0-9a-fA-F]{${digits}}$`).test(text)) {
      problems.push(`${flag}: "${text}" is not 0x and ${digits} hex digits.`)
    }
    return text.toLowerCase()
  }
  const fromBlock = Number(flags.fromBlock)
  if (!Number.isSafeInteger(fromBlock) || fromBlock < 1) {
    problems.push(`--from-block: "${flags.fromBlock}" is no block; take 1 or more.`)
  }
  if (flags.register !== undefined && !existsSync(flags.register)) {
    problems.push(`--register: there is no file "${flags.register}".`)
  }
  const { receipts } = flags
  if (receipts !== undefined && !(existsSync(receipts) && statSync(receipts).isDirectory())) {
    problems.push(`--receipts: "${receipts}" is no folder.`)
  }
  const options = {
    rpcUrls,
    contract: hex('--contract', flags.contract, 40) ?? '',
    receiptSigner: hex('--receipt-signer', flags.receiptSigner, 40),
    genesisHash: hex('--genesis', flags.genesis, 64),
    registerFile: flags.register,
    receiptsFolder: receipts,
    fromBlock,
    resumeFile: flags.resume,
  }
  if (problems.length > 0) throw new UsageError(problems)
  return options
}
