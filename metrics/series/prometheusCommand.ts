/** How to start a Prometheus of the run's own. */
export type Command = { command: string; args: string[] }

export type Options = {
  prometheusBinary: string
  /** For example `3.16.0` or Debian's `2.42.0+ds`. */
  version: string
  configFile: string
  dataFolder: string
  /** On loopback. */
  port: number
}

/** The rules and alerts that ship with the project. */
export const RULES_FILE_URL: URL = new URL('rules/ballotstorm.rules.yml', import.meta.url)

/** Answers 200 once queries and remote writes are taken. */
export const READY_PATH = '/-/ready'

/** Where k6 writes to. */
export const REMOTE_WRITE_PATH = '/api/v1/write'

/**
 * The command line of a private Prometheus: loopback only, takes remote writes with native
 * histograms. Prometheus 3 has these always, 2 only by a feature flag that 3 does not know.
 */
export function prometheusCommand(options: Options): Command {
  const { prometheusBinary, version, configFile, dataFolder, port } = options
  return {
    command: prometheusBinary,
    args: [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${dataFolder}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--log.level=warn',
      ...(/^v?2\./.test(version)
        ? ['--enable-feature=native-histograms']
        : // The targets never change: without this it waits for 5 s before it looks at them.
          ['--scrape.discovery-reload-interval=100ms']),
    ],
  }
}
