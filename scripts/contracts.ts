import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { HardhatRuntimeEnvironment } from 'hardhat/types/hre'
import { Type, type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'

import { cacheFolder } from './cacheFolder.ts'

const ROOT = join(import.meta.dirname, '..')

const Hex = Type.String({ pattern: '^0x[0-9a-f]+$' })
export const ArtifactSchema = Type.Object({
  abi: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  bytecode: Hex,
  deployedBytecode: Hex,
})

/** Contracts that are compiled together: where their sources lie, and which are kept. */
export type ContractSet<Schema extends TSchema> = { folders: readonly string[]; schema: Schema }

/** The contracts of the product. Those that only tests deploy are a set of the tests' own. */
export const PRODUCT = {
  folders: ['chain/contracts'],
  schema: Type.Object({
    BallotBox: ArtifactSchema,
    VoterRegister: ArtifactSchema,
    BallotAnchor: ArtifactSchema,
    Root: ArtifactSchema,
    Poll: ArtifactSchema,
    PollQuestion: ArtifactSchema,
  }),
}

/**
 * A compiled contract: its JSON ABI, the code that creates it (a constructor's encoded arguments
 * follow it), and the code that then stands on the chain, byte for byte, since there are no
 * immutables.
 */
export type Artifact = Static<typeof ArtifactSchema>

/**
 * Compiles the contracts with Hardhat unless these very sources were compiled before. Several
 * processes may do so at once: each works in a folder of its own, and the result appears whole.
 *
 * @throws `HardhatError` where a source does not compile; the compiler's messages are on stderr.
 */
export async function compile(set: ContractSet<TSchema> = PRODUCT): Promise<void> {
  const file = await artifactsFile(set)
  const known = await readFile(file).catch(() => undefined)
  if (known !== undefined) return
  const folder = join(cacheFolder(), 'contracts')
  await mkdir(folder, { recursive: true })
  const work = await mkdtemp(join(folder, 'build-'))
  try {
    const built = await build(await hardhat(work, set), set)
    await writeFile(join(work, 'artifacts.json'), JSON.stringify(built))
    await rename(join(work, 'artifacts.json'), file)
  } finally {
    await rm(work, { recursive: true })
  }
}

/**
 * A compiled contract of the product; compiles first where necessary.
 *
 * @throws `HardhatError` as {@link compile} does.
 *
 * @example
 * const { abi, bytecode } = await artifact('BallotBox')
 */
export async function artifact(name: keyof Static<typeof PRODUCT.schema>): Promise<Artifact> {
  return (await artifacts(PRODUCT))[name]
}

/** All compiled contracts of a set; compiles first where necessary. */
export async function artifacts<Schema extends TSchema>(
  set: ContractSet<Schema>,
): Promise<Static<Schema>> {
  await compile(set)
  return readArtifacts(await artifactsFile(set), set)
}

/** The artifacts that {@link compile} left in a file. */
export async function readArtifacts<Schema extends TSchema>(
  file: string,
  { schema }: ContractSet<Schema>,
): Promise<Static<Schema>> {
  return Value.Parse(schema, JSON.parse(await readFile(file, 'utf8')))
}

/**
 * Hardhat with this project's configuration, but with its output in `folder`.
 *
 * @param options - `coverage`: instrument what is compiled, and note what its networks execute.
 */
export async function hardhat(
  folder: string,
  { folders }: ContractSet<TSchema>,
  options: { coverage?: boolean | undefined } = {},
): Promise<HardhatRuntimeEnvironment> {
  const { createHardhatRuntimeEnvironment, importUserConfig } = await import('hardhat/hre')
  const config = join(ROOT, 'hardhat.config.ts')
  const user = await importUserConfig(config)
  const paths = {
    ...user.paths,
    sources: [...folders],
    artifacts: join(folder, 'artifacts'),
    cache: join(folder, 'cache'),
  }
  const { coverage = false } = options
  return createHardhatRuntimeEnvironment({ ...user, paths }, { config, coverage }, ROOT)
}

/** Compiles all of a set. */
export async function build<Schema extends TSchema>(
  environment: HardhatRuntimeEnvironment,
  { schema }: ContractSet<Schema>,
): Promise<Static<Schema>> {
  await environment.tasks.getTask('build').run({ quiet: true })
  const names = [...(await environment.artifacts.getAllFullyQualifiedNames())]
  const pairs = names.map(async (name) => {
    const { contractName, abi, bytecode, deployedBytecode } =
      await environment.artifacts.readArtifact(name)
    return [contractName, { abi, bytecode, deployedBytecode }] as const
  })
  return Value.Parse(schema, Value.Clean(schema, Object.fromEntries(await Promise.all(pairs))))
}

/** Named by the hash of all that the result depends on, so that a change of it is a new file. */
export async function artifactsFile(set: ContractSet<TSchema>): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(set))
  for (const file of await inputFiles(set)) {
    hash.update(`${file}\0`).update(await readFile(join(ROOT, file)))
  }
  return join(cacheFolder(), 'contracts', `${hash.digest('hex').slice(0, 32)}.json`)
}

async function inputFiles({ folders }: ContractSet<TSchema>): Promise<string[]> {
  const found = folders.map(async (folder) => {
    const names = await readdir(join(ROOT, folder), { recursive: true })
    return names.filter((name) => name.endsWith('.sol')).map((name) => `${folder}/${name}`)
  })
  return ['hardhat.config.ts', ...(await Promise.all(found)).flat().toSorted()]
}
