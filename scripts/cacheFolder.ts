import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The folder outside the checkout that holds what is slow to make: built tools, compiled contracts.
 * `BALLOTSTORM_CACHE` names it; else it is `ballotstorm` in the user's cache folder.
 */
export function cacheFolder(): string {
  const { BALLOTSTORM_CACHE, XDG_CACHE_HOME } = process.env
  return BALLOTSTORM_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ballotstorm')
}
