import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

/** Git commit of the harness, with `+dirty` where the tree has changes; `unknown` outside of git. */
export function commit(): string {
  try {
    const git = (...words: string[]): string =>
      execFileSync('git', words, {
        cwd: ROOT,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    const hash = git('rev-parse', 'HEAD').trim()
    return git('status', '--porcelain') === '' ? hash : `${hash}+dirty`
  } catch {
    return 'unknown'
  }
}
