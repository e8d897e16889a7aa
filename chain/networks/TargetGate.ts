import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { BlockList, isIPv4, isIPv6 } from 'node:net'

import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

import { BallotstormError } from '../../scenarios/runtime/BallotstormError.ts'
import type { Transport } from '../../scenarios/runtime/Rpc.ts'

/** A target beyond loopback that its owner allows to be loaded, up to an instant. */
export type Permission = Static<typeof PermissionSchema>

const PermissionSchema = Type.Object(
  {
    host: Type.String({ minLength: 1 }),
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    chainId: Type.Integer({ minimum: 2 }),
    genesisHash: Type.String({ pattern: '^0x[0-9a-fA-F]{64}$' }),
    /** ISO 8601 with a time zone. */
    expiresAt: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+(Z|[+-]\\d\\d:\\d\\d)$' }),
  },
  { additionalProperties: false },
)

const FileSchema = Type.Array(PermissionSchema)

/** A target that may be loaded, with its name resolved once and for all. */
export type Target = {
  /** With the address in place of the name, except where a certificate speaks of the name. */
  url: string
  transport: Transport
  /** None is needed on loopback. */
  permission: Permission | undefined
}

/** Chains with users of their own: no file allows them. */
const PUBLIC_CHAIN_IDS: ReadonlySet<number> = new Set([
  1, 3, 4, 5, 10, 25, 40, 42, 56, 61, 97, 100, 122, 137, 146, 169, 204, 250, 252, 288, 324, 420,
  1088, 1101, 1284, 1285, 2222, 4002, 5000, 8217, 8453, 10_200, 17_000, 34_443, 42_161, 42_170,
  42_220, 43_113, 43_114, 59_144, 59_141, 80_001, 80_002, 81_457, 84_531, 84_532, 421_611, 421_613,
  421_614, 534_351, 534_352, 560_048, 7_777_777, 11_155_111, 11_155_420, 1_313_161_554,
])

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/**
 * Reads the file of `--allow-targets`: a JSON list of {@link Permission}.
 *
 * @throws {@link AllowFileError} with all problems at once.
 */
export function readPermissions(path: string): Permission[] {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new AllowFileError(path, [error instanceof Error ? error.message : String(error)])
  }
  if (Value.Check(FileSchema, content)) return content
  const problems = Value.Errors(FileSchema, content).map(
    ({ instancePath, message }) => `${instancePath === '' ? 'the file' : instancePath} ${message}`,
  )
  throw new AllowFileError(path, problems)
}

/**
 * Lets a URL pass that leads to loopback or to a target in `permissions`. Its name is resolved here,
 * once; whoever connects later gets the same address, and the connected one is checked again.
 *
 * @param nowMs - Unix time, against which permissions expire.
 * @throws {@link NotAllowedError}
 */
export async function open(
  url: string,
  permissions: readonly Permission[],
  nowMs: number,
): Promise<Target> {
  const parsed = parse(url)
  const host = parsed.hostname.replace(/^\[|\]$/g, '')
  const port = Number(parsed.port || (parsed.protocol === 'https:' ? 443 : 80))
  const permission = permissions.find((entry) => entry.host === host && entry.port === port)
  const address = await resolve(url, host)
  if (!isLoopback(address)) {
    if (permission === undefined) {
      throw new NotAllowedError(
        url,
        `${address} is not loopback and no entry allows ${host}:${port}`,
      )
    }
    if (!(Date.parse(permission.expiresAt) > nowMs)) {
      throw new NotAllowedError(url, `its entry expired at ${permission.expiresAt}`)
    }
  }
  if (parsed.protocol === 'http:') parsed.hostname = isIPv6(address) ? `[${address}]` : address
  const transport: Transport = {
    lookup: (_host, options, done) => {
      const family = isIPv6(address) ? 6 : 4
      if (options.all === true) done(null, [{ address, family }])
      else done(null, address, family)
    },
    onConnect(connected) {
      if (plain(connected) !== plain(address)) {
        throw new NotAllowedError(url, `it connected to ${connected} in place of ${address}`)
      }
    },
  }
  return { url: parsed.href.replace(/\/$/, ''), transport, permission }
}

/** Whether an address is of this machine alone; also when an IPv6 address wraps an IPv4 one. */
export function isLoopback(address: string): boolean {
  const unwrapped = plain(address)
  if (isIPv4(unwrapped)) return LOOPBACK.check(unwrapped, 'ipv4')
  return isIPv6(unwrapped) && LOOPBACK.check(unwrapped, 'ipv6')
}

/** Whether a chain id belongs to a network that the public uses. */
export function isPublicChain(chainId: number): boolean {
  return PUBLIC_CHAIN_IDS.has(chainId)
}

function parse(url: string): URL {
  if (!URL.canParse(url)) throw new NotAllowedError(url, 'it is no URL')
  const parsed = new URL(url)
  if (!['http:', 'https:'].includes(parsed.protocol)) {
    throw new NotAllowedError(url, 'it is neither http nor https')
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new NotAllowedError(parsed.origin, 'it carries credentials, which logs would keep')
  }
  return parsed
}

async function resolve(url: string, host: string): Promise<string> {
  if (isIPv4(host) || isIPv6(host)) return host
  try {
    return (await lookup(host)).address
  } catch {
    throw new NotAllowedError(url, `the name ${host} has no address`)
  }
}

function plain(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  return mapped ?? address
}

/** The target is not loopback, and nobody allowed it. */
export class NotAllowedError extends BallotstormError {
  override readonly name = 'TargetGate.NotAllowedError'
  readonly code = 'TARGET_NOT_ALLOWED'
  readonly exitCode = 104
  readonly remedy =
    'Take a node on 127.0.0.1, or name a file of allowed targets by --allow-targets ([{host, port, chainId, genesisHash, expiresAt}]).'
  constructor(url: string, reason: string) {
    super(`The target ${url} is refused, for ${reason}.`)
  }
}

/** The file of allowed targets cannot be read as such. */
export class AllowFileError extends BallotstormError {
  override readonly name = 'TargetGate.AllowFileError'
  readonly code = 'TARGET_ALLOW_FILE'
  readonly exitCode = 104
  readonly remedy =
    'Write [{"host": "10.0.0.7", "port": 8545, "chainId": 8995, "genesisHash": "0x…", "expiresAt": "2026-12-31T00:00:00Z"}].'
  readonly problems: readonly string[]
  constructor(path: string, problems: readonly string[]) {
    super(`The file of allowed targets ${path} is refused (${problems.join('; ')}).`)
    this.problems = problems
  }
}
