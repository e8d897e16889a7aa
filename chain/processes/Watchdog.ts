import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'

import type { Identity } from './ProcessTable.ts'

/** What the watchdog is told, one JSON object a line. */
export type Message =
  | { kind: 'own'; identity: Identity }
  | { kind: 'disown'; identity: Identity }
  | { kind: 'ownFolder'; path: string }
  | { kind: 'disownFolder'; path: string }
  | { kind: 'goodbye' }

/** Our end of the pipe to a process that cleans up after us, should we die without a goodbye. */
export type Watchdog = {
  send(message: Message): void
  /** Sends it home; settles when it is gone. */
  dismiss(): Promise<void>
}

/**
 * @param onLost - called when the watchdog ended while it was needed.
 */
export function start(logFolder: string, onLost: () => void): Watchdog {
  const log = openSync(join(logFolder, 'watchdog.log'), 'a')
  const main = join(import.meta.dirname, 'watchdog/main.ts')
  const child = spawn(process.execPath, [main], { detached: true, stdio: ['pipe', log, log] })
  closeSync(log)
  const pipe = child.stdin
  assert(pipe !== null, 'The first of `stdio` is a pipe.')
  let isDismissed = false
  const gone = once(child, 'exit').catch(() => undefined)
  child.once('exit', () => {
    if (!isDismissed) onLost()
  })
  // A broken pipe means that the watchdog is gone, which `gone` tells already.
  pipe.on('error', () => {})
  // It must never be the reason why we stay.
  child.unref()
  if (pipe instanceof Socket) pipe.unref()
  const send = (message: Message): void => {
    pipe.write(`${JSON.stringify(message)}\n`)
  }
  return {
    send,
    async dismiss() {
      isDismissed = true
      child.ref()
      send({ kind: 'goodbye' })
      pipe.end()
      await gone
    },
  }
}
