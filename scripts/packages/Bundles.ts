import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { cacheFolder } from '../cacheFolder.ts'

/**
 * What is imported of packages that consist of hundreds of small modules: a run starts ten processes,
 * and each spent half of its start on reading those. All entries of a package are in one bundle, so
 * that its parts exist once.
 */
const SPECIFIERS = [
  'echarts/charts',
  'echarts/components',
  'echarts/core',
  'echarts/renderers',
  'ethers',
  'typebox',
  'typebox/compile',
  'typebox/system',
  'typebox/value',
]

const ROOT = join(import.meta.dirname, '../..')
const MODULES = join(ROOT, 'node_modules')
const HOOK = join(import.meta.dirname, 'useBundles.mjs')

/**
 * The variables under which Node starts quickly: it compiles no module twice, and reads one file of
 * each large package (ARCHITECTURE.md, decision 38). Bundles them first unless those of these very
 * versions lie in the cache. Where the cache cannot be written, all starts as it did without.
 */
export async function environment(): Promise<Record<string, string>> {
  const { NODE_COMPILE_CACHE = join(cacheFolder(), 'compiled'), NODE_OPTIONS = '' } = process.env
  const folder = await ensure().catch(() => undefined)
  if (folder === undefined) return {}
  const hook = pathToFileURL(join(folder, 'useBundles.mjs')).href
  const isUsed = NODE_OPTIONS.includes(hook)
  return {
    NODE_COMPILE_CACHE,
    NODE_OPTIONS: isUsed ? NODE_OPTIONS : `${NODE_OPTIONS} --import ${hook}`.trim(),
  }
}

/** @returns the folder. Several processes may bundle at once: the result appears whole. */
async function ensure(): Promise<string> {
  const folder = join(cacheFolder(), 'bundles')
  const whole = join(folder, await key())
  if (existsSync(whole)) return whole
  await mkdir(folder, { recursive: true })
  const work = await mkdtemp(join(folder, 'build-'))
  try {
    await bundle(work)
    await rename(work, whole).catch((error: unknown) => {
      if (!existsSync(whole)) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return whole
}

async function key(): Promise<string> {
  const hash = createHash('sha256').update(SPECIFIERS.join())
  for (const file of [join(ROOT, 'package-lock.json'), HOOK]) hash.update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}

async function bundle(folder: string): Promise<void> {
  const { build } = await import('rolldown')
  // The bundler finds the files: Node would name a bundle where one is in use already.
  const { output } = await build({
    input: Object.fromEntries(SPECIFIERS.map((name) => [name.replace('/', '-'), name])),
    cwd: ROOT,
    platform: 'node',
    logLevel: 'silent',
    output: { dir: folder, format: 'esm', entryFileNames: '[name].js' },
  })
  const bundles = Object.fromEntries(
    output.flatMap((file) =>
      file.type === 'chunk' && file.isEntry && file.facadeModuleId !== null
        ? [[file.facadeModuleId.slice(MODULES.length), file.fileName]]
        : [],
    ),
  )
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n')
  await writeFile(join(folder, 'bundles.json'), `${JSON.stringify(bundles)}\n`)
  await copyFile(HOOK, join(folder, 'useBundles.mjs'))
}
