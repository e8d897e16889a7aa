import { spawn } from 'node:child_process'

/**
 * `npm run profile -- <doctor|flame|bubbleprof> <main.ts> <config.json>`: one of our processes under
 * clinic, until Ctrl-C; the result is an HTML file in `.clinic/`. Without words it tells how.
 */
const [tool, ...words] = process.argv.slice(2)

if (tool === undefined || !['doctor', 'flame', 'bubbleprof'].includes(tool) || words.length < 2) {
  process.stderr.write(
    `npm run profile -- <doctor|flame|bubbleprof> <main.ts> <config.json>

Runs one of our processes (chain/api/main.ts, chain/relayer/main.ts, metrics/witness/main.ts,
scenarios/load/feeder/main.ts) under clinic; Ctrl-C ends it and writes .clinic/*.html.
The configuration of a run's process is kept by: npm run storm -- run smoke --keep-data
All parts of a running system at once, nodes too, under the load of a benchmark:
npm run bench -- --only relayed-drain --profile out/profile
`,
  )
  process.exitCode = tool === undefined || tool === '--help' ? 0 : 104
} else {
  // Without NO_INSIGHT clinic asks a question first, gets no answer, and exits 0 with nothing done.
  const env = { ...process.env, NO_INSIGHT: '1' }
  const args = [tool, '--open=false', '--', process.execPath, ...words]
  const child = spawn('node_modules/.bin/clinic', args, { stdio: 'inherit', env })
  // The terminal's Ctrl-C reaches the child too; this process waits for the file to be written.
  process.on('SIGINT', () => undefined)
  child.once('exit', (code) => {
    process.exitCode = code ?? 1
  })
}
