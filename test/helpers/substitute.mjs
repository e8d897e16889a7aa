/**
 * Loaded before everything else (`NODE_OPTIONS=--import`), in every Node process of a command: files
 * of the project run in place of others, as the query says: `?chain/api/main.ts=test/helpers/liar.ts`.
 * Whoever imports a file with a query of its own gets the honest one.
 */
import { registerHooks } from 'node:module'

const ROOT = new URL('../../', import.meta.url)
const substitutes = new Map(
  [...new URL(import.meta.url).searchParams].map(([honest, liar]) => [
    new URL(honest, ROOT).href,
    new URL(liar, ROOT).href,
  ]),
)

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context)
    const url = substitutes.get(resolved.url)
    return url === undefined ? resolved : { ...resolved, url }
  },
})
