/** Where Prometheus finds the metrics of one process. */
export type ScrapeTarget = {
  /** Name of the part, for example `api`. */
  job: string
  /** Host and port. */
  target: string
  /** For example `/metrics`. */
  path: string
}

/** What serves its metrics at `/metrics` of a URL. */
export function scrapeTarget(job: string, url: string): ScrapeTarget {
  return { job, target: new URL(url).host, path: '/metrics' }
}

/** Every second: a storm of half a minute still gives lines and not dots. */
export const SCRAPE_INTERVAL_S = 1

/**
 * The text of prometheus.yml.
 *
 * @param ruleFiles - absolute paths.
 */
export function prometheusConfig({
  targets,
  ruleFiles,
}: {
  targets: readonly ScrapeTarget[]
  ruleFiles: readonly string[]
}): string {
  return [
    'global:',
    `  scrape_interval: ${SCRAPE_INTERVAL_S}s`,
    `  scrape_timeout: ${SCRAPE_INTERVAL_S}s`,
    `  evaluation_interval: ${SCRAPE_INTERVAL_S}s`,
    ...section(
      'rule_files',
      ruleFiles.map((file) => [`  - ${quote(file)}`]),
    ),
    ...section('scrape_configs', [...jobs(targets)].map(scrapeConfig)),
    '',
  ].join('\n')
}

function section(name: string, items: readonly string[][]): string[] {
  return items.length === 0 ? [`${name}: []`] : [`${name}:`, ...items.flat()]
}

function jobs(targets: readonly ScrapeTarget[]): ReadonlyMap<string, ScrapeTarget[]> {
  const byJob = new Map<string, ScrapeTarget[]>()
  for (const target of targets) byJob.set(target.job, [...(byJob.get(target.job) ?? []), target])
  return byJob
}

function scrapeConfig([job, targets]: readonly [string, readonly ScrapeTarget[]]): string[] {
  return [
    `  - job_name: ${quote(job)}`,
    '    static_configs:',
    ...targets.flatMap(({ target, path }) => [
      `      - targets: [${quote(target)}]`,
      '        labels:',
      `          __metrics_path__: ${quote(path)}`,
    ]),
  ]
}

/** JSON's strings are YAML's too. */
function quote(text: string): string {
  return JSON.stringify(text)
}
