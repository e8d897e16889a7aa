import * as Fixture from './Fixture.ts'
import { writeFileSync, rmSync } from 'node:fs'
const n = Number(process.argv[2])
rmSync('/tmp/h6/fix', { recursive: true, force: true })
writeFileSync('/tmp/h6/options.json', JSON.stringify(Fixture.write('/tmp/h6/fix', n)))
