// PostGraphile 5 without authorization over plain tables: the reference of the read bench.
// Arguments: connection string. Prints its port.
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { makeV4Preset } from 'postgraphile/presets/v4';

const preset = {
  extends: [
    PostGraphileAmberPreset,
    makeV4Preset({ graphiql: false, disableDefaultMutations: true, dynamicJson: true }),
  ],
  pgServices: [makePgService({ connectionString: process.argv[2], schemas: ['flat'], poolConfig: { max: 16 } })],
  grafast: { explain: false },
  grafserv: { graphqlPath: '/graphql', maxRequestLength: 100_000, watch: false },
};
const instance = postgraphile(preset);
const serv = instance.createServ(grafserv);
const server = createServer();
server.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
serv.addTo(server).catch((error) => {
  console.error(error);
  process.exit(1);
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
