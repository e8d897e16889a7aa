/** The foreign programs that a run needs, and how each is told from others, found and built. */
export const NAMES = ['k6', 'goquorum', 'geth', 'prometheus', 'promtool'] as const
export type Name = (typeof NAMES)[number]

export type Definition = {
  /** The version that the pinned `go.mod` builds. */
  version: string
  /** The environment variable that names a binary of the user's own. */
  variable: string
  /** What it is called on PATH. */
  command: string
  versionArgs: readonly string[]
  /** Its first group is the version. */
  versionPattern: RegExp
  /** Whether a version found on PATH will do. */
  fits(version: string): boolean
  /** The folder beside this file with `go.mod` and `go.sum`. */
  module: string
  /** The Go package of the program. */
  goPackage: string
  goFlags: readonly string[]
  /** A C compiler is needed to build it. */
  needsGcc: boolean
  /** Whether the usual run goes on without it. */
  isOptional: boolean
  /** The option that alone needs it. */
  onlyWith?: string | undefined
  /** The Debian package that will do as well. */
  debianPackage?: string | undefined
}

const PROMETHEUS_VERSION = '3.16.0'

/** What Prometheus and its tool have in common; Debian's packages of 2.42 will do. */
const PROMETHEUS_FAMILY = {
  version: PROMETHEUS_VERSION,
  fits: (version: string): boolean => isAtLeast(version, [2, 42]),
  versionArgs: ['--version'],
  module: 'prometheus',
  goFlags: [
    '-tags=remove_all_sd',
    `-ldflags=-s -w -X github.com/prometheus/common/version.Version=${PROMETHEUS_VERSION}`,
  ],
  needsGcc: false,
  isOptional: true,
  debianPackage: 'prometheus',
} as const

export const definitions: Readonly<Record<Name, Definition>> = {
  k6: {
    version: '2.2.0',
    variable: 'BALLOTSTORM_K6',
    command: 'k6',
    versionArgs: ['version'],
    versionPattern: /^k6 v(\d+\.\d+\.\d+)/m,
    fits: (version) => version.startsWith('2.2.'),
    module: 'k6',
    goPackage: 'go.k6.io/k6/v2',
    goFlags: ['-ldflags=-s -w'],
    needsGcc: false,
    isOptional: false,
  },
  goquorum: {
    version: '22.7.4',
    variable: 'BALLOTSTORM_GOQUORUM',
    // Any other geth has no line that begins with Quorum.
    command: 'geth',
    versionArgs: ['version'],
    versionPattern: /^Quorum Version: (\d+\.\d+\.\d+)/m,
    fits: (version) => version === '22.7.4',
    module: 'goquorum',
    goPackage: 'github.com/ethereum/go-ethereum/cmd/geth',
    goFlags: ['-ldflags=-checklinkname=0 -s -w'],
    needsGcc: true,
    isOptional: false,
  },
  geth: {
    version: '1.13.15',
    variable: 'BALLOTSTORM_GETH',
    command: 'geth',
    versionArgs: ['version'],
    // 1.13 is the last line that seals Clique blocks; GoQuorum calls itself 1.10.3 here.
    versionPattern: /^Version: (1\.13\.\d+)/m,
    fits: (version) => version === '1.13.15',
    module: 'geth',
    goPackage: 'github.com/ethereum/go-ethereum/cmd/geth',
    goFlags: ['-ldflags=-checklinkname=0 -s -w'],
    needsGcc: false,
    isOptional: true,
    onlyWith: '--network clique',
  },
  prometheus: {
    ...PROMETHEUS_FAMILY,
    variable: 'BALLOTSTORM_PROMETHEUS',
    command: 'prometheus',
    versionPattern: /^prometheus, version (\d+\.\d+\.\d+)/m,
    goPackage: 'github.com/prometheus/prometheus/cmd/prometheus',
  },
  promtool: {
    ...PROMETHEUS_FAMILY,
    variable: 'BALLOTSTORM_PROMTOOL',
    command: 'promtool',
    versionPattern: /^promtool, version (\d+\.\d+\.\d+)/m,
    goPackage: 'github.com/prometheus/prometheus/cmd/promtool',
  },
}

/** Compares the first two numbers of a version. */
function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor >= minor)
}
