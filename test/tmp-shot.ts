import { chromium } from 'playwright-core'
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu'] })
for (const width of [390, 1440]) for (const colorScheme of ['light','dark'] as const) {
  if (width===390 && colorScheme==='dark') continue
  const p = await b.newPage({ viewport: { width, height: 900 }, colorScheme })
  p.on('console', m => console.log('console', m.text())); p.on('pageerror', e => console.log(e.message))
  await p.goto('file:///tmp/popout/'+(process.argv[2]??'active-citizen')+'.html')
  console.log(width, await p.evaluate('document.documentElement.scrollWidth'))
  await p.screenshot({ path: `/tmp/popout/${width}-${colorScheme}.png`, fullPage: true })
}
await b.close()
