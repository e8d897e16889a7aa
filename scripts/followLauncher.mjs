/**
 * Loaded before the command by scripts/launch.mjs: when the launcher is killed, the command ends in
 * order, as if it had been asked to.
 */

// What the command forks has a channel of its own and must not load this.
process.execArgv.splice(0)
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'))
process.channel?.unref()
