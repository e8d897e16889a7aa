import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { HardhatRuntimeEnvironment } from 'hardhat/types/hre'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import { cacheFolder } from './cacheFolder.ts'
import * as ExitCode from './ExitCode.ts'

const ROOT = join(import.meta.dirname, '..')
const SOURCE_FOLDERS = ['chain/contracts', 'test/contracts']

const Hex = Type.String({ pattern: '^0x[0-9a-f]+$' })
const Artifact = Type.Object({
  abi: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  bytecode: Hex,
  deployedBytecode: Hex,
})
const Artifacts = Type.Object({
  BallotBox: Artifact,
  VoterRegister: Artifact,
  BallotAnchor: Artifact,
  Root: Artifact,
  Poll: Artifact,
  PollQuestion: Artifact,
  UnguardedBallotBox: Artifact,
  Probe: Artifact,
})

/**
 * A compiled contract: its JSON ABI, the code that creates it (a constructor's encoded arguments
 * follow it), and the code that then stands on the chain, byte for byte, since there are no
 * immutables.
 */
export type Artifact = Static<typeof Artifact>

/** All compiled contracts by name; those that only tests deploy are among them. */
export type Artifacts = Static<typeof Artifacts>

/**
 * Compiles the contracts with Hardhat unless these very sources were compiled before. Several
 * processes may do so at once: each works in a folder of its own, and the result appears whole.
 *
 * @throws `HardhatError` where a source does not compile; the compiler's messages are on stderr.
 */
export async function compile(): Promise<void> {
  const file = await artifactsFile()
  const known = await readFile(file).catch(() => undefined)
  if (known !== undefined) return
  const folder = join(cacheFolder(), 'contracts')
  await mkdir(folder, { recursive: true })
  const work = await mkdtemp(join(folder, 'build-'))
  try {
    const artifacts = await build(await hardhat(work))
    await writeFile(join(work, 'artifacts.json'), JSON.stringify(artifacts))
    await rename(join(work, 'artifacts.json'), file)
  } finally {
    await rm(work, { recursive: true })
  }
}

/**
 * A compiled contract; compiles first where necessary. `UnguardedBallotBox` is the mutant that
 * counts double votes.
 *
 * @throws `HardhatError` as {@link compile} does.
 *
 * @example
 * const { abi, bytecode } = await artifact('BallotBox')
 */
export async function artifact(name: keyof Artifacts): Promise<Artifact> {
  await compile()
  return (await readArtifacts(await artifactsFile()))[name]
}

/** The artifacts that {@link compile} left in a file. */
export async function readArtifacts(file: string): Promise<Artifacts> {
  return Value.Parse(Artifacts, JSON.parse(await readFile(file, 'utf8')))
}

/**
 * Hardhat with this project's configuration, but with its output in `folder`.
 *
 * @param options - `coverage`: instrument what is compiled, and note what its networks execute.
 */
export async function hardhat(
  folder: string,
  options: { coverage?: boolean | undefined } = {},
): Promise<HardhatRuntimeEnvironment> {
  const { createHardhatRuntimeEnvironment, importUserConfig } = await import('hardhat/hre')
  const config = join(ROOT, 'hardhat.config.ts')
  const user = await importUserConfig(config)
  const paths = {
    ...user.paths,
    artifacts: join(folder, 'artifacts'),
    cache: join(folder, 'cache'),
  }
  const { coverage = false } = options
  return createHardhatRuntimeEnvironment({ ...user, paths }, { config, coverage }, ROOT)
}

/** Compiles everything. */
export async function build(environment: HardhatRuntimeEnvironment): Promise<Artifacts> {
  await environment.tasks.getTask('build').run({ quiet: true })
  const names = Object.keys(Artifacts.properties)
  const pairs = names.map(async (name) => [name, await environment.artifacts.readArtifact(name)])
  return Value.Parse(
    Artifacts,
    Value.Clean(Artifacts, Object.fromEntries(await Promise.all(pairs))),
  )
}

/** Named by the hash of all that the result depends on, so that a change of it is a new file. */
async function artifactsFile(): Promise<string> {
  const hash = createHash('sha256')
  for (const file of await inputFiles()) {
    hash.update(`${file}\0`).update(await readFile(join(ROOT, file)))
  }
  return join(cacheFolder(), 'contracts', `${hash.digest('hex').slice(0, 32)}.json`)
}

async function inputFiles(): Promise<string[]> {
  const folders = SOURCE_FOLDERS.map(async (folder) => {
    const names = await readdir(join(ROOT, folder), { recursive: true })
    return names.filter((name) => name.endsWith('.sol')).map((name) => `${folder}/${name}`)
  })
  return ['hardhat.config.ts', ...(await Promise.all(folders)).flat().toSorted()]
}

const USAGE = `node scripts/contracts.ts <command>
  compile           compile what changed
  gas [--write]     measure, compare with chain/contracts/gas.json (or rewrite it)
  test [args ...]   contract tests on instrumented contracts, with coverage; args go to vitest`

async function main([command, ...rest]: readonly string[]): Promise<void> {
  if (command === 'compile') return compile()
  if (command === 'gas') {
    const { check } = await import('./contractGas.ts')
    const isGood = await check({ isWriting: rest.includes('--write') })
    if (!isGood) process.exitCode = ExitCode.OBJECTIVE_MISSED
  } else if (command === 'test') {
    const { testWithCoverage } = await import('./contractTest.ts')
    if (!(await testWithCoverage(rest))) process.exitCode = ExitCode.OBJECTIVE_MISSED
  } else {
    console.error(USAGE)
    process.exitCode = ExitCode.BAD_CONFIGURATION
  }
}

// Not awaited: what the commands import waits for the end of this module.
if (import.meta.main) void main(process.argv.slice(2))
