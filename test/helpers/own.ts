import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as ProcessTable from '../../chain/processes/ProcessTable.ts'
import * as Watchdog from '../../chain/processes/Watchdog.ts'

let watchdog: Watchdog.Watchdog | undefined

/**
 * Has a process that a test starts by itself, outside of a supervisor, end with the test's process,
 * however that ends: with all that it started itself.
 *
 * @param child - started with `detached`, so that it leads a group of its own.
 */
export function own<Child extends ChildProcess>(child: Child): Child {
  // The kernel keeps the entry until our event loop runs again, even of a process that has ended.
  const identity = child.pid === undefined ? undefined : ProcessTable.identify(child.pid)
  // The program could not be run, which `child` itself tells.
  if (identity === undefined) return child
  ownLeader(identity)
  child.once('exit', () => {
    ProcessTable.signalGroup(identity, 'SIGKILL')
    watchdog?.send({ kind: 'disown', identity })
  })
  return child
}

/** The same for the leader of a group that was started by others, and stays to the end of the file. */
export function ownLeader(identity: ProcessTable.Identity): void {
  watchdog ??= startWatchdog()
  watchdog.send({ kind: 'own', identity })
}

function startWatchdog(): Watchdog.Watchdog {
  const folder = mkdtempSync(join(tmpdir(), 'ballotstorm-watchdog-'))
  try {
    return Watchdog.start(folder, () => undefined)
  } finally {
    // Its words go to a file without a name: nobody is left to read them.
    rmSync(folder, { recursive: true, force: true })
  }
}
