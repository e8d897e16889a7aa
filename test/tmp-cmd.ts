import { population } from '../scripts/commands/population.ts'
process.exitCode = population(process.argv[2] ?? '', { json: false, out: '/tmp/popout', ballots: process.argv[3] })
