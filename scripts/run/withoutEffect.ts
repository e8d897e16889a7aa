import type { Design } from '../../chain/designs/Design.ts'
import * as NetworkBounds from '../../chain/networks/bounds.ts'
import type { Kind } from '../../chain/networks/Network.ts'
import { flagOf } from './flagValues.ts'

type Named =
  | 'network'
  | 'rpc'
  | 'validators'
  | 'blockTime'
  | 'gasLimit'
  | 'finality'
  | 'deployerKeyFile'
  | 'postgres'
  | 'allowTargets'
  | 'apiReplicas'
  | 'relayers'
  | 'batchSize'

/** Of the flags of a run those that may be useless, as text. */
type Given = Partial<Record<Named | 'api', string | undefined>>

const OF_A_CHAIN: readonly Named[] = [
  'network',
  'rpc',
  'validators',
  'blockTime',
  'gasLimit',
  'finality',
  'deployerKeyFile',
  'relayers',
  'batchSize',
]
const OF_OUR_API: readonly Named[] = ['postgres', 'apiReplicas', 'relayers', 'batchSize']

/**
 * Flags that were given and would change nothing, each as a sentence with the way out: whoever gives
 * one believes something about the run that is not so.
 *
 * @param kind - the network that the run would have.
 */
export function withoutEffect(flags: Given, design: Design, kind: Kind): string[] {
  const useless = (names: readonly Named[], why: string): string[] =>
    names
      .filter((name) => flags[name] !== undefined)
      .map((name) => `${flagOf(name)} has no effect: ${why}. Leave it out.`)
  const problems: string[] = []
  const hasChain = design.contracts !== 'none'
  if (!hasChain) problems.push(...useless(OF_A_CHAIN, `design ${design.name} has no chain`))
  const { validators, gasLimit } = NetworkBounds.CHOICES[kind]
  if (hasChain && validators === undefined) {
    problems.push(...useless(['validators'], `network ${kind} has no validators to choose`))
  }
  if (hasChain && gasLimit === undefined) {
    problems.push(...useless(['gasLimit'], `network ${kind} has the gas limit that it has`))
  }
  if (!design.parts.includes('api')) {
    problems.push(...useless(OF_OUR_API, `design ${design.name} has no API`))
  } else if (flags.api !== undefined) {
    problems.push(...useless(OF_OUR_API, 'the API of --api brings its own'))
  }
  if (kind !== 'external' && flags.api === undefined) {
    problems.push(...useless(['allowTargets'], 'all targets of this run are its own'))
  }
  return [...new Set(problems)]
}
