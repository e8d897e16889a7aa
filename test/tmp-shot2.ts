import { chromium } from 'playwright-core'
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu'] })
const p = await b.newPage({ viewport: { width: 390, height: 1500 } })
await p.goto('file:///tmp/popout/active-citizen.html')
await p.screenshot({ path: '/tmp/popout/n1.png' })
await p.evaluate('window.scrollTo(0,2150)'); await p.waitForTimeout(600); await p.screenshot({ path: '/tmp/popout/n2.png' })
const d = await b.newPage({ viewport: { width: 1440, height: 2100 }, colorScheme: 'dark' })
await d.goto('file:///tmp/popout/active-citizen.html'); await d.evaluate('window.scrollTo(0,500)'); await d.waitForTimeout(600); await d.screenshot({ path: '/tmp/popout/d.png' })
await b.close()
