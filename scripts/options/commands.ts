import { DEFAULT_NETWORK } from '../../chain/designs/Design.ts'
import * as NetworkBounds from '../../chain/networks/bounds.ts'
import * as cities from '../../scenarios/cities/cities.ts'
import { storms } from '../../scenarios/storms/storms.ts'
import { audit } from './audit.ts'
import { calibration } from './calibration.ts'
import { load } from './load.ts'
import { network } from './network.ts'
import type { Option, Table } from './Option.ts'
import { output } from './output.ts'
import { presign } from './presign.ts'
import { system } from './system.ts'

/** A command: what it says of itself, and the options that it takes. */
export type Command = {
  summary: string
  /** What is named without a flag, for example `<scenario>`, and what to name. */
  argument?: readonly [name: string, help: string]
  options: Table
}

const { name, designs, networks, validatorKind, ...ofRun } = network
const { overloadMs, overloadRatePerS, ...ofStorm } = load
const { seed, segment, voters, ratePerS, durationMs } = load
const { outFolder, json } = output
const { apiReplicas, relayers, batchSize } = system

/** Each command with options, in the order in which help lists them. */
export const commands = {
  run: {
    summary: 'Run a scenario end to end: network, ballots, storm, books, report.',
    argument: ['<scenario>', `one of ${storms.map((storm) => storm.name).join(', ')}`],
    options: { ...ofStorm, ...ofRun, ...system, ...output },
  },
  'compare-designs': {
    summary: 'Put the designs under one plan, then under more than each carries.',
    options: {
      voters: usually(voters, '20000'),
      ratePerS: { ...ratePerS, help: 'ballots a second of the plan', default: '20' },
      durationMs: { ...usually(durationMs, '60s'), help: 'length of the plan' },
      overloadMs,
      overloadRatePerS,
      seed,
      designs,
      networks,
      apiReplicas,
      relayers,
      batchSize,
      outFolder: { ...outFolder, help: 'where comparisons go', default: 'out/comparisons' },
      json,
    },
  },
  'network up': {
    summary: 'Start a network in the background and print its URLs.',
    options: {
      name,
      kind: validatorKind,
      validatorCount: usually(network.validatorCount, `${DEFAULT_NETWORK.validatorCount}`),
      blockTimeMs: {
        ...usually(network.blockTimeMs, `${DEFAULT_NETWORK.blockTimeMs}ms`),
        help: 'time between blocks',
        bounds: NetworkBounds.GETH.blockTimeMs,
      },
      gasLimit: usually(network.gasLimit, `${DEFAULT_NETWORK.gasLimit}`),
      seed: { ...seed, help: 'node keys follow from it' },
      json,
    },
  },
  'network status': {
    summary: 'Tell its height, validators and peers.',
    options: { name, json },
  },
  'network down': {
    summary: 'Stop it and remove its data.',
    options: { name, json },
  },
  presign: {
    summary: 'Sign ballots into a spool ahead of a run; goes on where it was interrupted.',
    argument: [
      '[source]',
      "a scenario, a city, or a city's file; without one all voters are alike",
    ],
    options: { voters: { ...voters, usual: "the source's" }, seed, segment, ...presign, json },
  },
  verify: {
    summary: 'Audit an election from the chain alone: recount, seals, signatures, receipts.',
    options: { ...audit, json },
  },
  population: {
    summary: 'Hold a city model against what is published, and draw it.',
    argument: ['<city>', `${cities.names().join(', ')}, or a file of your own that ends in .json`],
    options: { ...calibration, json },
  },
  doctor: {
    summary:
      'Tell which parts are here, in which version, from where, and what to do about the rest.',
    options: { json },
  },
  report: {
    summary: 'Make the report of a run, or of a comparison, anew from its folder.',
    argument: ['<run folder>', 'the folder that holds run.json or comparison.json'],
    options: { json },
  },
} as const satisfies Readonly<Record<string, Command>>

/** The option with a default of the command's own. */
function usually<One extends Option>(one: One, text: string): One & { default: string } {
  return { ...one, default: text, usual: undefined }
}
