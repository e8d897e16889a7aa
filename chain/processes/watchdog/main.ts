import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

import * as ProcessTable from '../ProcessTable.ts'
import type { Message } from '../Watchdog.ts'

/**
 * Outlives the supervisor by a few seconds at most. When the pipe closes without a goodbye, the
 * supervisor has crashed or was killed: what it still owned is stopped, then removed.
 */
async function main(): Promise<void> {
  // Signals meant for the supervisor must not take away its safety net; the pipe's end is the end.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  const processes = new Map<number, ProcessTable.Identity>()
  const folders = new Set<string>()
  for await (const line of createInterface({ input: process.stdin })) {
    const message: Message = JSON.parse(line)
    switch (message.kind) {
      case 'own':
        processes.set(message.identity.pid, message.identity)
        break
      case 'disown':
        processes.delete(message.identity.pid)
        break
      case 'ownFolder':
        folders.add(message.path)
        break
      case 'disownFolder':
        folders.delete(message.path)
        break
      case 'goodbye':
        return
    }
  }
  await end([...processes.values()])
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}

/** Time for databases and nodes to write what they hold. */
const STOP_TIMEOUT_MS = 5_000
const POLL_INTERVAL_MS = 50

async function end(leaders: readonly ProcessTable.Identity[]): Promise<void> {
  const left = (): ProcessTable.Identity[] => leaders.filter(ProcessTable.isGroupAlive)
  for (const leader of left()) {
    process.stderr.write(`The supervisor is gone: stopping the process group ${leader.pid}.\n`)
    ProcessTable.signalGroup(leader, 'SIGTERM')
    // A paused process takes no signal but this one and SIGKILL.
    ProcessTable.signalGroup(leader, 'SIGCONT')
  }
  for (let waitedMs = 0; waitedMs < STOP_TIMEOUT_MS && left().length > 0;) {
    await sleep(POLL_INTERVAL_MS)
    waitedMs += POLL_INTERVAL_MS
  }
  for (const leader of left()) ProcessTable.signalGroup(leader, 'SIGKILL')
}

await main()
