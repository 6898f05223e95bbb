// The PostgreSQL protocol over TCP in front of one PGlite: whole messages only, one connection at a time.
import { createServer } from 'node:net'

const sslRequest = 80877103
const gssRequest = 80877104
const cancelRequest = 80877102
const terminate = 'X'.charCodeAt(0)
// Query, Sync, Flush, password, CopyDone, CopyFail, Terminate: after these a client waits for an answer. How TCP cuts what comes before is chance,
// and this build may lose the thread when it gets half of a pipeline.
const asks = new Set([...'QSHpcfX'].map((type) => type.charCodeAt(0)))

/** Listens on loopback (port 0: a free one); a second connection waits until the first has gone. */
export function listen(db, port) {
  const sockets = new Set()
  let turn = Promise.resolve()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    turn = turn.then(() => converse(db, socket)).catch((error) => {
      console.error(error)
      socket.destroy()
    })
  })
  server.closeNow = () => {
    server.close()
    for (const socket of sockets)
      socket.destroy()
  }
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

async function converse(db, socket) {
  let started = false
  let received = Buffer.alloc(0)
  for await (const data of socket) {
    received = received.length === 0 ? data : Buffer.concat([received, data])
    let { end, last } = wholeMessages(received, started)
    if (end === 0)
      continue

    const messages = received.subarray(0, end)
    received = received.subarray(end)
    if (!started) {
      const code = messages.readInt32BE(4)
      if (code === sslRequest || code === gssRequest) {
        socket.write('N')
        continue
      }
      if (code === cancelRequest)
        return socket.end()
      started = true
    } else if (last === terminate)
      break

    const reply = await db.execProtocolRaw(new Uint8Array(messages))
    if (reply.length > 0)
      socket.write(reply)
  }

  socket.destroy()
  await forgetSession(db)
}

/** How far the buffer holds whole messages that ask for an answer, and the type of the last; before the session has started a message has no type. */
function wholeMessages(buffer, started) {
  if (!started) {
    const length = buffer.length >= 4 ? buffer.readInt32BE(0) : Infinity
    return { end: buffer.length >= length ? length : 0 }
  }

  let end = 0
  let last
  for (let start = 0, next; buffer.length - start >= 5 && (next = start + 1 + buffer.readInt32BE(start + 1)) <= buffer.length; start = next) {
    if (asks.has(buffer[start])) {
      last = buffer[start]
      end = next
    }
  }
  return { end, last }
}

/** There is one session behind all connections: what the last one left open or prepared must not meet the next. */
async function forgetSession(db) {
  if (db.closed)
    return
  await db.execProtocolRaw(query('ROLLBACK'))
  await db.execProtocolRaw(query('DISCARD ALL'))
}

function query(sql) {
  const message = Buffer.alloc(sql.length + 6)
  message.write('Q')
  message.writeInt32BE(sql.length + 5, 1)
  message.write(sql, 5)
  return new Uint8Array(message)
}
