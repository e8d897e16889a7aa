import { Command, CommanderError, Option } from 'commander'

import { designs } from '../chain/designs/designs.ts'
import { explanationOf } from '../scenarios/runtime/BallotstormError.ts'
import { storms } from '../scenarios/storms/storms.ts'
import * as ExitCode from './ExitCode.ts'
import { exitCodeOfError } from './exitCodeOf.ts'
import { commands, type Command as Definition } from './options/commands.ts'
import { describe } from './options/Option.ts'
import type { Flags } from './options/Options.ts'
import * as Bundles from './packages/Bundles.ts'

/** The command line: what may be said, and which file does it. Commands are loaded when called. */
function program(): Command {
  const cli = new Command('storm')
    .description('Load-tests city-scale voting on a private Ethereum network.')
    .exitOverride()
    .configureOutput({ getOutHelpWidth: helpWidth, getErrHelpWidth: helpWidth })
    .showHelpAfterError('(add --help for what may be said)')
  cli.addHelpText('after', () => explanations(cli))
  add(cli, 'run', async (flags, scenario) =>
    (await import('./commands/run.ts')).run(scenario, flags),
  )
  add(cli, 'compare-designs', async (flags) =>
    (await import('./commands/compareDesigns.ts')).compareDesigns(flags),
  )
  const network = cli.command('network').description('A network that stays up between runs.')
  add(network, 'network up', async (flags) =>
    (await import('./commands/network.ts')).networkUp(flags),
  )
  add(network, 'network status', async (flags) =>
    (await import('./commands/network.ts')).networkStatus(flags),
  )
  add(network, 'network down', async (flags) =>
    (await import('./commands/network.ts')).networkDown(flags),
  )
  add(cli, 'presign', async (flags, source) =>
    (await import('./commands/presign.ts')).presign(source, flags),
  )
  add(cli, 'verify', async (flags) => (await import('./commands/verify.ts')).verify(flags))
  add(cli, 'population', async (flags, city) =>
    (await import('./commands/population.ts')).population(city, flags),
  )
  add(cli, 'doctor', async ({ json }) =>
    (await import('./commands/doctor.ts')).doctor({ json: json === true }),
  )
  add(cli, 'report', async ({ json }, folder) =>
    (await import('./commands/report.ts')).report(folder, { json: json === true }),
  )
  return cli
}

/** More than this are listed under headings. */
const UNGROUPED_OPTIONS_MAX = 10

/**
 * Adds a command with the options of its records.
 *
 * @param act - reads the flags, does what they say, and gives the exit code.
 */
function add<Name extends keyof typeof commands>(
  parent: Command,
  name: Name,
  act: (flags: Flags<(typeof commands)[Name]['options']>, argument: string) => Promise<number>,
): void {
  const { summary, argument, options }: Definition = commands[name]
  const command = parent.command(name.replace(/^.* /, '')).description(summary)
  if (argument !== undefined) command.argument(...argument)
  const records = Object.values(options)
  for (const record of records) {
    const { flag, group = '', placeholder } = record
    const option = new Option(
      placeholder === '' ? flag : `${flag} <${placeholder}>`,
      describe(record),
    )
    if (records.length > UNGROUPED_OPTIONS_MAX) option.helpGroup(`${group}:`)
    command.addOption(option)
  }
  command.action(async (...words) => {
    // For the processes that it starts.
    Object.assign(process.env, await Bundles.environment())
    const [named, flags] = argument === undefined ? [undefined, ...words] : words
    process.exitCode = await act(flags, named)
  })
}

/** Columns of the terminal, or what `COLUMNS` says; wider lines are not easier to read. */
function helpWidth(): number {
  const columns = process.stdout.columns ?? (Number(process.env['COLUMNS']) || 80)
  return Math.min(columns, 100)
}

function explanations(cli: Command): string {
  const help = cli.createHelp()
  help.prepareContext({ helpWidth: helpWidth() })
  const list = (items: readonly { name: string; description: string }[]): string =>
    items.map(({ name, description }) => help.formatItem(name, 19, description, help)).join('\n')
  return `
Scenarios:
${list(storms)}

Designs:
${list(designs)}

Exit codes:
  0 pass, 99 objective missed, 104 bad configuration, 105 interrupted, 107 scenario threw,
  120 integrity violated, 121 generator-bound, 122 inconclusive, 1 anything unforeseen

Examples:
  npm run storm -- run smoke
  npm run storm -- run peak-2017 --rate 200 --duration 60s --voters 20000
  npm run storm -- run peak-2017 --design direct --seed 7
  npm run storm -- compare-designs --voters 20000 --rate 20
  npm run --silent storm -- doctor --json
`
}

try {
  await program().parseAsync()
} catch (error) {
  process.exitCode = explain(error)
}

/** What an interrupted command still waits for is nobody's any more; most of it ends within this. */
const GRACE_MS = 2000
setTimeout(() => process.exit(), GRACE_MS).unref()

/** Says what went wrong and gives the exit code. */
function explain(error: unknown): number {
  // Commander has printed its own message already; help and version are no failures.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ExitCode.BAD_CONFIGURATION
  process.stderr.write(`${explanationOf(error)}\n`)
  return exitCodeOfError(error)
}
