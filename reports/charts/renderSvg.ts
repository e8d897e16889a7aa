import { BarChart, LineChart, ScatterChart } from 'echarts/charts'
import { GridComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import type { EChartsCoreOption } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

import type { Size } from './Chart.ts'

echarts.use([
  BarChart,
  LineChart,
  ScatterChart,
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  SVGRenderer,
])

/**
 * Draws a chart without a browser.
 *
 * @param id - unique on the page; prefixes the ids inside the drawing.
 * @returns an `<svg>` that scales to its container, with no script, no style sheet and no request.
 */
export function renderSvg(id: string, size: Size, option: EChartsCoreOption): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size })
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: 'inherit' }, ...option })
    return clean(chart.renderToSVGString(), id, size)
  } finally {
    chart.dispose()
  }
}

/** Takes out what only a page with ECharts' own script would use, and numbering by process. */
function clean(svg: string, id: string, { width, height }: Size): string {
  return svg
    .replace(/<style ?>[\s\S]*?<\/style>/g, '')
    .replace(/ (?:class|ecmeta_\w+|pointer-events)="[^"]*"/g, '')
    .replace(/\bzr\d+-/g, `${id}-`)
    .replace(/^<svg[^>]*>/, `<svg viewBox="0 0 ${width} ${height}" aria-hidden="true">`)
    .replace(/\n+/g, '\n')
}
