import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';

// Hand-written SQL over bare HTTP: whoever posts the number of a read gets its text. Arguments: connection string, reads as JSON.
const [, , connectionString, file] = process.argv;
const { default: reads } = (await import(String(file), { with: { type: 'json' } })) as {
  default: { text: string; values: unknown[] }[];
};
const pool = new pg.Pool({ connectionString: String(connectionString), max: 16 });
const server = createServer((request, response) => {
  const number = Number(String(request.url).slice(1));
  const read = reads[number];
  request.resume();
  if (read === undefined) {
    response.writeHead(404).end();
    return;
  }
  pool
    .query({ name: `read${number}`, text: read.text, values: read.values })
    .then(({ rows }) => {
      const body = Buffer.from(`{"data":${(rows[0] as { j: string }).j}}`);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
    })
    .catch((error: Error) => {
      console.error(error);
      response.writeHead(500).end(error.message);
    });
});
server.listen(0, '127.0.0.1', () => console.log(`port ${(server.address() as AddressInfo).port}`));
