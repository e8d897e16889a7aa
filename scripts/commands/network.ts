import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import * as Rpc from '../../scenarios/runtime/Rpc.ts'
import { kinds } from '../../chain/networks/kinds.ts'
import * as OwnedProcess from '../../chain/processes/OwnedProcess.ts'
import * as ProcessTable from '../../chain/processes/ProcessTable.ts'
import * as Readiness from '../../chain/processes/Readiness.ts'
import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import * as ExitCode from '../ExitCode.ts'
import * as FileLock from '../FileLock.ts'
import type { HostConfig } from '../network/HostConfig.ts'
import * as NetworkState from '../network/NetworkState.ts'
import { commands } from '../options/commands.ts'
import * as Options from '../options/Options.ts'
import * as Tools from '../Tools.ts'
import { UsageError } from '../UsageError.ts'

const UP = commands['network up'].options
const STANDING = commands['network status'].options

/** The flags of `network status` and `network down`. */
type Flags = Options.Flags<typeof STANDING>

const MAIN = join(import.meta.dirname, '../network/main.ts')

/** A network that has to be started anew several times still comes up within it. */
const START_TIMEOUT_MS = 300_000
const LOCK_TIMEOUT_MS = START_TIMEOUT_MS
const STOP_TIMEOUT_MS = 30_000
const POLL_INTERVAL_MS = 50

/**
 * Starts a network in the background, waits until it is ready and prints its URLs.
 *
 * @returns an exit code.
 * @throws {UsageError}, what Tools.resolve throws, what the process that owns the nodes has told
 * before it ended, and {NotStartedError} where it told nothing.
 */
export async function networkUp(flags: Options.Flags<typeof UP>): Promise<number> {
  const { name, json, ...shape } = Options.parse(UP, flags)
  const stateFolder = NetworkState.folder(name)
  const { path: binary } = await Tools.resolve(kinds[shape.kind].tool)
  mkdirSync(stateFolder, { recursive: true })
  const options = { timeoutMs: LOCK_TIMEOUT_MS }
  return FileLock.hold(`${stateFolder}.lock`, options, async () => {
    const earlier = NetworkState.read(stateFolder)
    if (earlier !== undefined && ProcessTable.isAlive(earlier.host)) {
      throw new UsageError([
        `A network called "${name}" is up already: use it, stop it by \`network down\`, or give this one another --name.`,
      ])
    }
    rmSync(stateFolder, { recursive: true, force: true })
    mkdirSync(stateFolder, { recursive: true })
    const config = { stateFolder, binary, ...shape }
    if (!(await startHost(config))) return ExitCode.INTERRUPTED
    const network = NetworkState.read(stateFolder)?.network
    if (network === undefined) throw new NotStartedError('It ended at once.')
    if (json) console.log(JSON.stringify({ name, ...network }))
    else {
      console.log(
        `The network "${name}" is up: chain id ${network.chainId}, ${network.clientVersion}`,
      )
      for (const url of network.rpcUrls) console.log(`  validator  ${url}`)
      console.log(`  observer   ${network.observerUrl}`)
    }
    return ExitCode.PASS
  })
}

/** Tells the height, the validators and the peers of a network; an exit code other than 0 where it is not whole. */
export async function networkStatus(flags: Flags): Promise<number> {
  const { name, json } = Options.parse(STANDING, flags)
  const state = NetworkState.read(NetworkState.folder(name))
  const isUp = state !== undefined && ProcessTable.isAlive(state.host)
  const network = isUp ? state.network : undefined
  if (network === undefined) {
    const phase = isUp ? 'starting' : 'down'
    if (json) console.log(JSON.stringify({ name, state: phase }))
    else console.log(`The network "${name}" is ${phase}.`)
    return ExitCode.BAD_CONFIGURATION
  }
  const urls = [...network.rpcUrls, network.observerUrl]
  const nodes = await Promise.all(
    (state?.nodes ?? []).map(async (node, index) => {
      const url = urls[index] ?? ''
      const isRunning = ProcessTable.isAlive(node)
      return { name: node.name, url, pid: node.pid, isRunning, ...(await ask(url)) }
    }),
  )
  const isWhole = nodes.every(({ isRunning, height }) => isRunning && height !== null)
  if (json) {
    console.log(JSON.stringify({ name, state: isWhole ? 'up' : 'degraded', ...network, nodes }))
  } else {
    console.log(
      `The network "${name}" is ${isWhole ? 'up' : 'degraded'}: chain id ${network.chainId}`,
    )
    for (const node of nodes) {
      const words = node.isRunning
        ? `height ${node.height ?? 'unknown'}, ${node.peerCount ?? 'unknown'} peers`
        : 'not running'
      console.log(`  ${node.name.padEnd(12)} ${node.url}  ${words}`)
    }
  }
  return isWhole ? ExitCode.PASS : ExitCode.UNEXPECTED
}

/** Stops a network and removes its data; nothing happens where none is up. */
export async function networkDown(flags: Flags): Promise<number> {
  const { name, json } = Options.parse(STANDING, flags)
  const stateFolder = NetworkState.folder(name)
  const state = NetworkState.read(stateFolder)
  const wasUp = state !== undefined && ProcessTable.isAlive(state.host)
  if (wasUp) {
    ProcessTable.signalGroup(state.host, 'SIGTERM')
    for (let waitedMs = 0; waitedMs < STOP_TIMEOUT_MS; waitedMs += POLL_INTERVAL_MS) {
      if (!ProcessTable.isAlive(state.host)) break
      await sleep(POLL_INTERVAL_MS)
    }
    for (const process of [state.host, ...state.nodes]) ProcessTable.signalGroup(process, 'SIGKILL')
  }
  rmSync(stateFolder, { recursive: true, force: true })
  if (json) console.log(JSON.stringify({ name, state: 'down', wasUp }))
  else console.log(`The network "${name}" ${wasUp ? 'is stopped' : 'was not up'}.`)
  return ExitCode.PASS
}

/** Starts the process that owns the nodes; false where the user interrupted. */
async function startHost(config: HostConfig): Promise<boolean> {
  const { stateFolder } = config
  const configFile = join(stateFolder, 'config.json')
  writeFileSync(configFile, JSON.stringify(config, undefined, 2), { mode: 0o600 })
  const command = { command: process.execPath, args: [MAIN, configFile], cwd: stateFolder }
  const host = await OwnedProcess.start('network', command, join(stateFolder, 'host.log'))
  let isInterrupted = false
  let end: OwnedProcess.Exit | undefined
  const onSignal = (): void => {
    isInterrupted = true
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, onSignal)
  void host.exit.then((exit) => (end = exit))
  for (let waitedMs = 0; waitedMs < START_TIMEOUT_MS; waitedMs += POLL_INTERVAL_MS) {
    if (isInterrupted || end !== undefined) break
    if (NetworkState.read(stateFolder)?.network !== undefined) break
    await sleep(POLL_INTERVAL_MS)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, onSignal)
  host.release()
  if (NetworkState.read(stateFolder)?.network !== undefined && !isInterrupted) {
    await tellRetries(host)
    return true
  }
  await host.stop('SIGTERM', STOP_TIMEOUT_MS)
  if (isInterrupted) return false
  const log = (await host.readLog()).trim()
  throw Readiness.lastWords('network', log) ?? new NotStartedError(log)
}

/** What the host said beside that it is ready: why a network had to be started anew. */
async function tellRetries(host: OwnedProcess.OwnedProcess): Promise<void> {
  const lines = (await host.readLog()).split('\n')
  for (const line of lines) if (line !== '' && !line.startsWith('{')) console.error(line)
}

async function ask(url: string): Promise<{ height: number | null; peerCount: number | null }> {
  const number = async (method: string): Promise<number | null> =>
    Rpc.call(url, { method }, Rpc.Quantity).then(Number, () => null)
  const [height, peerCount] = await Promise.all([
    number('eth_blockNumber'),
    number('net_peerCount'),
  ])
  return { height, peerCount }
}

/** The process that owns the nodes of a network ended, or was not ready in time. */
class NotStartedError extends BallotstormError {
  override readonly name = 'network.NotStartedError'
  readonly code = 'NETWORK_NOT_STARTED'
  readonly exitCode = 107
  readonly remedy = 'On a busy machine, try again when it is quiet.'
  constructor(log: string) {
    super(`The network did not start:\n${log}`)
  }
}
