import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { chromium, type Browser } from 'playwright-core'

import * as Chromium from '../../scripts/Chromium.ts'

/** The first keeps a browser in a container from failing, the others from calling home. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * A real Chromium that writes nothing into the user's home.
 *
 * @throws at once where there is none, with the way to get it.
 */
export async function launch(): Promise<Browser> {
  const executablePath = Chromium.find(process.env)
  if (executablePath === undefined) throw new Error(Chromium.REMEDY)
  const home = mkdtempSync(join(tmpdir(), 'ballotstorm-chromium-'))
  const own = { HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home }
  const browser = await chromium.launch({
    executablePath,
    args: ARGS,
    env: { ...process.env, ...own },
  })
  browser.once('disconnected', () => rmSync(home, { recursive: true, force: true }))
  return browser
}
