import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import * as Chromium from '../../scripts/Chromium.ts'
import * as Tools from '../../scripts/Tools.ts'
import { definitions } from '../../scripts/tools/definitions.ts'

/** The path of a tool that a test needs. */
export async function tool(name: Tools.Name): Promise<string> {
  return (await findTool(name)).path
}

/**
 * A tool that a test needs. It builds nothing: a build takes minutes, and would be told
 * as a time-out of the test.
 */
export async function findTool(name: Tools.Name): Promise<Tools.Tool> {
  const found = await Tools.find(name)
  if (found !== undefined) return found
  throw new Error(
    `This test needs ${name}, which is not here: \`npm test\` builds it before its tests, ` +
      `or set ${definitions[name].variable} to a binary.`,
  )
}

/** How the browser is launched: from where it is, with a home of its own in place of the user's. */
export function chromium(): { executablePath: string; env: Record<string, string> } {
  const executablePath = Chromium.find(process.env)
  if (executablePath === undefined) throw new Error(`This test needs Chromium. ${Chromium.REMEDY}`)
  const home = mkdtempSync(join(tmpdir(), 'ballotstorm-browser-'))
  process.once('exit', () => rmSync(home, { recursive: true, force: true }))
  const folders = { HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home }
  return { executablePath, env: { PATH: process.env['PATH'] ?? '', ...folders } }
}
