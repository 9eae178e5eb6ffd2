/**
 * What accepting a call could cost at least: an HTTP server that keeps each body in one row.
 *
 * Arguments: URL of the database.
 */
import { createServer } from 'node:http'
import pg from 'pg'

const pool = new pg.Pool({ connectionString: process.argv[2] ?? '', max: 10 })
await pool.query('create table calls (id bigserial primary key, body bytea not null)')

const INSERT = { name: 'insert', text: 'insert into calls (body) values ($1) returning id' }

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    void pool
      .query<{ id: string }>({ ...INSERT, values: [Buffer.concat(chunks)] })
      .then(({ rows: [row] }) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ id: row?.id }))
      })
  })
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  process.stdout.write(`serving http://127.0.0.1:${port}\n`)
})
