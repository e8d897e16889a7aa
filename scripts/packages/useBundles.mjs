/**
 * Loaded before everything else, from the folder into which ./Bundles.ts has copied it: whoever
 * imports a package that has a bundle gets the bundle.
 */
import { readFileSync } from 'node:fs'
import * as module from 'node:module'

/** Of a file below `node_modules`: its bundle. @type {Record<string, string>} */
const bundles = JSON.parse(readFileSync(new URL('bundles.json', import.meta.url), 'utf8'))

const MODULES = '/node_modules'

// A program of the user's own may inherit the variable and bring an older Node.
module.registerHooks?.({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context)
    const at = resolved.url.lastIndexOf(MODULES)
    const bundle = at < 0 ? undefined : bundles[resolved.url.slice(at + MODULES.length)]
    if (bundle === undefined) return resolved
    return { ...resolved, url: new URL(bundle, import.meta.url).href, format: 'module' }
  },
})
