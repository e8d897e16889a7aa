import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Names under which distributions install it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** The browser's path: `BALLOTSTORM_CHROMIUM`, else from PATH, else `undefined`. */
export function find(environment: NodeJS.ProcessEnv): string | undefined {
  const named = environment['BALLOTSTORM_CHROMIUM']
  if (named !== undefined && named !== '') return named
  const folders = (environment['PATH'] ?? '').split(delimiter)
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

/** What a person does where {@link find} found nothing. */
export const REMEDY =
  'Install Chromium (Debian: apt-get install chromium), or set BALLOTSTORM_CHROMIUM to a browser.'

/**
 * The browser's path; on Debian and as root it is installed where it is missing.
 *
 * @returns undefined where there is none and none could be installed.
 */
export function ensure(environment: NodeJS.ProcessEnv): string | undefined {
  const found = find(environment)
  if (found !== undefined || process.getuid?.() !== 0) return found
  if (spawnSync('apt-get', ['--version']).status !== 0) return undefined
  for (const words of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    // apt's progress goes to stderr: stdout is for results.
    const env = { ...environment, DEBIAN_FRONTEND: 'noninteractive' }
    const { status } = spawnSync('apt-get', ['--quiet', ...words], { stdio: ['ignore', 2, 2], env })
    if (status !== 0) return undefined
  }
  return find(environment)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
