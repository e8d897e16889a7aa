/**
 * The door to the house for the machine's own Node, 20 or later: brings the packages and Node 24,
 * then hands over to `scripts/cli.ts`, or to the file that `--script` names. It has no dependencies.
 * What it says goes to stderr; stdout belongs to the command.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const NODE_MAJOR_MIN = 20
/** The codes of scripts/ExitCode.ts. */
const UNEXPECTED = 1
const BAD_CONFIGURATION = 104

const ROOT = join(fileURLToPath(import.meta.url), '../..')
const MODULES = join(ROOT, 'node_modules')
const NODE = join(MODULES, 'node/bin/node')
/** Holds the digest of the lock file that was installed to the end. */
const STAMP = join(MODULES, '.ballotstorm-installed')
/** Outside node_modules, which npm may remove. */
const LOCK = join(ROOT, 'out/install.lock')

const LINE_INTERVAL_MS = 10_000
const LOCK_POLL_INTERVAL_MS = 200
/** Enough of npm's words to see what went wrong. */
const LOG_CHARACTERS_MAX = 4_000
/** One Ctrl-C may come twice, from the terminal and from npm; a person is slower. */
const SAME_SIGNAL_MS = 500

/** @param {string[]} words */
async function main(words) {
  const major = Number(process.versions.node.split('.')[0])
  if (major < NODE_MAJOR_MIN) {
    say(`Node ${process.versions.node} is too old: install Node ${NODE_MAJOR_MIN} or later.`)
    return BAD_CONFIGURATION
  }
  if (!isInstalled() && !(await withLock(install))) return BAD_CONFIGURATION
  const [first, file, ...rest] = words
  const isScript = first === '--script' && file !== undefined
  return run(isScript ? [join(ROOT, file), ...rest] : [join(ROOT, 'scripts/cli.ts'), ...words])
}

/** Whether node_modules is what the lock file says, told by the stamp. */
function isInstalled() {
  const isStamped = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lockDigest()
  return isStamped && existsSync(NODE)
}

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex')
}

/** Installs the packages, unless another process or a person has done so meanwhile. */
async function install() {
  if (isInstalled()) return true
  if (!matchesLock() && !(await installPackages())) return false
  const { stdout } = spawnSync(NODE, ['--version'], { encoding: 'utf8' })
  if (!stdout?.startsWith('v24.')) {
    say('npm brought no Node 24: run `npm rebuild node` and see what it says.')
    return false
  }
  writeFileSync(STAMP, lockDigest())
  return true
}

/** Compares the list that npm keeps of what it installed with the lock file. */
function matchesLock() {
  try {
    const wanted = readPackages(join(ROOT, 'package-lock.json'))
    const present = readPackages(join(MODULES, '.package-lock.json'))
    const isAsWanted = Object.entries(wanted).every(
      ([path, { version, optional }]) =>
        path === '' || present[path]?.version === version || (optional && !present[path]),
    )
    return isAsWanted && Object.keys(present).every((path) => path in wanted)
  } catch {
    return false
  }
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

/**
 * `npm ci`, and where it refuses `npm install`, which installs the same versions from the lock file:
 * npm writes no entry for packages of other platforms that its registry did not show, and then calls
 * its own file incomplete.
 */
async function installPackages() {
  say('Installing the packages (about a minute) …')
  const options = ['--no-audit', '--no-fund', '--loglevel=error']
  const strict = await npm(['ci', ...options])
  if (strict.code === 0) return true
  if (!strict.isSignalled) {
    const lenient = await npm(['install', '--no-save', ...options])
    if (lenient.code === 0) return true
    strict.log += lenient.log
  }
  say(`${strict.log.trim()}\nThe packages could not be installed: check \`npm ping\` and the disk.`)
  return false
}

/**
 * @param {string[]} words
 * @returns its exit code, whether a signal ended it, and the end of its log.
 */
async function npm(words) {
  const startedMs = performance.now()
  // npm's results are of no interest: stdout belongs to the command.
  const child = spawn('npm', words, { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    log = (log + text).slice(-LOG_CHARACTERS_MAX)
  })
  const ticker = setInterval(() => {
    say(`… npm ${words[0]}, ${Math.round((performance.now() - startedMs) / 1000)} s`)
  }, LINE_INTERVAL_MS)
  const stop = forwardSignals(child)
  const code = await ended(child)
  stop()
  clearInterval(ticker)
  return { code, isSignalled: child.signalCode !== null, log }
}

/** @param {string[]} words */
async function run(words) {
  const path = [join(MODULES, '.bin'), process.env.PATH ?? ''].join(delimiter)
  const child = spawn(NODE, ['--import', join(ROOT, 'scripts/followLauncher.mjs'), ...words], {
    env: { ...process.env, PATH: path },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    // In a session of its own Ctrl-C reaches it only through us, and once.
    detached: true,
  })
  forwardSignals(child)
  return ended(child)
}

/**
 * Passes signals on and stays until the child has cleaned up.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
function forwardSignals(child) {
  let lastMs = Number.NEGATIVE_INFINITY
  const forward = (/** @type {NodeJS.Signals} */ signal) => {
    if (performance.now() - lastMs < SAME_SIGNAL_MS) return
    lastMs = performance.now()
    // A closed terminal is a request to end in order.
    child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal)
  }
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
  for (const signal of signals) process.on(signal, forward)
  return () => {
    for (const signal of signals) process.off(signal, forward)
  }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>} its exit code, as a shell would give it.
 */
function ended(child) {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      say(error.message)
      resolve(UNEXPECTED)
    })
    child.once('exit', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]))
    })
  })
}

/**
 * Does the work while no other launcher in this checkout does. A lock whose holder is dead is taken
 * over.
 *
 * @template Result
 * @param {() => Promise<Result>} work
 */
async function withLock(work) {
  mkdirSync(join(LOCK, '..'), { recursive: true })
  const mine = `${LOCK}.${process.pid}`
  writeFileSync(mine, JSON.stringify({ pid: process.pid, start: startOf(process.pid) }))
  try {
    for (let isFirst = true; !take(mine); isFirst = false) {
      if (isFirst) say('Waiting for another process that installs the packages …')
      await sleep(LOCK_POLL_INTERVAL_MS)
    }
    try {
      return await work()
    } finally {
      rmSync(LOCK, { force: true })
    }
  } finally {
    rmSync(mine, { force: true })
  }
}

/** @param {string} mine */
function take(mine) {
  try {
    const { pid, start } = JSON.parse(readFileSync(LOCK, 'utf8'))
    if (startOf(pid) !== start) renameSync(LOCK, `${mine}.stale`)
  } catch {
    // Nobody holds it, or whoever did was quicker to let go.
  }
  rmSync(`${mine}.stale`, { force: true })
  try {
    linkSync(mine, LOCK)
    return true
  } catch {
    return false
  }
}

/**
 * When a process started; tells it from a later one with the same pid.
 *
 * @param {number} pid
 */
function startOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`${text}\n`)
}

process.exitCode = await main(process.argv.slice(2))
