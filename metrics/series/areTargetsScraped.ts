import * as PrometheusApi from './PrometheusApi.ts'

/**
 * Whether Prometheus has scraped as many targets as it was given. It takes up to five seconds after
 * its own readiness; a storm that begins earlier has no first seconds in Prometheus.
 *
 * @param nowMs - Unix milliseconds.
 * @throws {PrometheusApi.UnreachableError} {@link PrometheusApi.RefusedError}
 */
export async function areTargetsScraped(
  api: PrometheusApi.PrometheusApi,
  targetCount: number,
  nowMs: number,
): Promise<boolean> {
  return (await PrometheusApi.readNumber(api, 'count(up)', nowMs)) >= targetCount
}
